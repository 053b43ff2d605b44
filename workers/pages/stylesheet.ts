/** How pages look; light or dark as the reader's system is. */
export const STYLESHEET = `:root { color-scheme: light dark; --line: light-dark(#d8dde3, #3a424c); --soft: light-dark(#f4f6f8, #1c2228);
  --text: light-dark(#1b2733, #dde4ea); --link: light-dark(#0b5cad, #78b7f2); --back: light-dark(#fff, #12171c); }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); display: grid; grid-template-columns: 19rem minmax(0, 1fr); }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1rem; border-right: 1px solid var(--line); background: var(--soft); font-size: 13px; }
nav h1 { font-size: 1.2rem; margin: 0 0 .5rem; }
nav ul { list-style: none; margin: 0 0 .5rem; padding: 0; }
nav li a { display: block; padding: .1rem 0; color: inherit; }
nav summary { font-weight: 600; cursor: pointer; }
main { padding: 1.5rem 2.5rem 4rem; max-width: 72rem; }
main.alone { grid-column: 1 / -1; max-width: 48rem; margin: 0 auto; width: 100%; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
h3 { margin: 2rem 0 .3rem; }
h4 { margin: 1rem 0 .3rem; }
article { border-bottom: 1px solid var(--line); padding-bottom: 1rem; }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
code { background: var(--soft); padding: 0 .2em; border-radius: 3px; overflow-wrap: anywhere; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 4px; padding: .7rem; overflow-x: auto; margin: .3rem 0; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
td { border-top: 1px solid var(--line); padding: .3rem .6rem .3rem 0; vertical-align: top; }
td table { font-size: 13px; margin-left: .6rem; }
td:first-child { white-space: nowrap; }
.call { margin: .2rem 0; }
.facts { font-size: 13px; opacity: .8; margin: .2rem 0; }
dt { margin-top: .5rem; }
dd { margin: 0; }
.get, .post, .put, .patch, .delete { font: 700 11px ui-monospace, monospace; letter-spacing: .03em; }
.get { color: light-dark(#0a6b3d, #5fd39a); } .post { color: light-dark(#0b5cad, #78b7f2); } .put, .patch { color: light-dark(#8a5a00, #e7b95c); } .delete { color: light-dark(#b3261e, #ff8f85); }
details > summary { cursor: pointer; }
@media (max-width: 60rem) { body { display: block; } nav { position: static; height: auto; border-right: 0; } main { padding: 1rem; } table { display: block; overflow-x: auto; } }
`;
