/** Time and randomness as ports, so that tests can hold them still. */
export type Clock = { readonly nowMs: () => number };
export type Randomness = { readonly bytes: (count: number) => Uint8Array; readonly fraction: () => number };

export const systemClock: Clock = { nowMs: () => Date.now() };

export const systemRandomness: Randomness = {
  bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  fraction: () => Math.random(),
};
