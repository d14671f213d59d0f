export const stylesheet = `
:root { color-scheme: light dark; --ink: #1c2430; --dim: #556170; --paper: #f3f5f8; --card: #fff; --line: #d5dbe3; --edge: #7b8796;
  --accent: #2456c7; --on-accent: #fff; --warn: #fff3d1; --warn-ink: #6a4a00; --bad: #a3201d; --good: #e6f3ea; --good-ink: #1b6b3f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ecf3; --dim: #a3afbe; --paper: #12161c; --card: #1b2129;
  --line: #343d49; --edge: #6f7c8b; --accent: #8ab0ff; --on-accent: #0d1526; --warn: #3d3008; --warn-ink: #ffe08a; --bad: #ff9c97;
  --good: #16301f; --good-ink: #8ad6a6; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
  overflow-wrap: anywhere; }
.banner { margin: 0; padding: .5rem 1rem; background: var(--warn); color: var(--warn-ink); text-align: center; font-weight: 600; font-size: .9rem; }
main { width: min(28rem, 100% - 2rem); margin: clamp(1rem, 6vh, 3rem) auto; padding: clamp(1.25rem, 5vw, 1.85rem); background: var(--card);
  border: 1px solid var(--line); border-radius: 14px; }
main.wide { width: min(64rem, 100% - 2rem); }
h1 { margin: 0 0 .5rem; font-size: 1.35rem; line-height: 1.25; letter-spacing: -.01em; } h2 { margin: 2rem 0 .5rem; font-size: 1.05rem; }
p { margin: .5rem 0; } ul { margin: .5rem 0; padding-left: 1.25rem; }
a { color: var(--accent); }
.dim { color: var(--dim); font-size: .9rem; } .bad { color: var(--bad); font-weight: 600; }
.outcome { padding: .7rem 1rem; border-radius: 10px; background: var(--good); color: var(--good-ink); font-weight: 600; }
.outcome.failed { background: var(--warn); color: var(--bad); }
.moved { margin-left: .5rem; padding: .05rem .55rem; border-radius: 99px; background: var(--warn); color: var(--warn-ink); font-size: .8rem; }
.changed { padding-left: .75rem; border-left: 3px solid var(--warn-ink); }
label { display: block; margin: .75rem 0 .25rem; font-weight: 600; font-size: .92rem; }
label.choice { display: flex; gap: .6rem; align-items: baseline; margin: .4rem 0; padding: .65rem .75rem; font-weight: 400; font-size: 1rem;
  border: 1px solid var(--edge); border-radius: 10px; cursor: pointer; }
label.choice .dim { display: block; }
label.tick { display: flex; gap: .6rem; align-items: center; min-height: 2.75rem; margin: .5rem 0; cursor: pointer; }
label.tick input { flex: none; width: 1.2rem; height: 1.2rem; accent-color: var(--accent); }
input:not([type=radio]):not([type=checkbox]), select { width: 100%; min-height: 2.75rem; padding: .45rem .7rem; font: inherit; color: inherit;
  background: var(--card); border: 1px solid var(--edge); border-radius: 10px; }
fieldset { margin: 1rem 0; padding: 0; border: 0; min-width: 0; } legend { padding: 0; font-weight: 600; }
.buttons { display: flex; gap: .6rem; margin-top: 1.1rem; flex-wrap: wrap; }
button { min-height: 2.75rem; padding: .45rem 1.1rem; font: inherit; font-weight: 600; font-size: .95rem; cursor: pointer; border-radius: 10px;
  border: 1px solid var(--edge); background: transparent; color: inherit; }
button.first { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 6px; }
.grid { display: grid; gap: 0 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr)); align-items: center; }
.scroll { overflow-x: auto; } table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .4rem .6rem; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; } td { font-variant-numeric: tabular-nums; }
details { border-top: 1px solid var(--line); padding: .5rem 0; scroll-margin-top: 1rem; } summary { padding: .35rem 0; cursor: pointer; font-weight: 600; }
@media (max-width: 30rem) { .buttons > *, .buttons form button { flex: 1 1 auto; } .buttons form button { width: 100%; } }
`;
