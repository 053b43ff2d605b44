/** Imported first: what the Worker logs goes nowhere. */
console.log = () => {};
