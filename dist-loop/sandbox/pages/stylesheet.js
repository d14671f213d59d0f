export const stylesheet = `
:root { color-scheme: light dark; --ink: #1c2430; --dim: #5a6675; --paper: #f3f5f8; --card: #fff; --line: #d5dbe3;
  --accent: #2456c7; --on-accent: #fff; --warn: #fff3d1; --warn-ink: #6a4a00; --bad: #a3201d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ecf3; --dim: #a3afbe; --paper: #12161c; --card: #1b2129;
  --line: #343d49; --accent: #8ab0ff; --on-accent: #0d1526; --warn: #3d3008; --warn-ink: #ffe08a; --bad: #ff9c97; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
.banner { margin: 0; padding: .6rem 1rem; background: var(--warn); color: var(--warn-ink); text-align: center; font-weight: 600; }
main { width: min(27rem, 100% - 2rem); margin: 2.5rem auto; padding: 1.75rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 12px; }
main.wide { width: min(64rem, 100% - 2rem); }
h1 { margin: 0 0 .5rem; font-size: 1.4rem; line-height: 1.25; } h2 { margin: 2rem 0 .5rem; font-size: 1.1rem; }
p { margin: .5rem 0; } ul { padding-left: 1.25rem; }
a { color: var(--accent); }
.dim { color: var(--dim); font-size: .9rem; } .bad { color: var(--bad); font-weight: 600; }
label { display: block; margin: .75rem 0 .25rem; font-weight: 600; }
label.choice { display: flex; gap: .6rem; align-items: baseline; margin: .4rem 0; padding: .6rem .75rem; font-weight: 400;
  border: 1px solid var(--line); border-radius: 8px; }
input:not([type=radio]):not([type=checkbox]), select { width: 100%; padding: .55rem .7rem; font: inherit; color: inherit;
  background: var(--paper); border: 1px solid var(--line); border-radius: 8px; }
fieldset { margin: 1rem 0; padding: 0; border: 0; } legend { padding: 0; font-weight: 600; }
.buttons { display: flex; gap: .75rem; margin-top: 1.25rem; flex-wrap: wrap; }
button { padding: .6rem 1.2rem; font: inherit; font-weight: 600; cursor: pointer; border-radius: 8px;
  border: 1px solid var(--line); background: transparent; color: inherit; }
button.first { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.grid { display: grid; gap: 0 1.25rem; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); align-items: end; }
.scroll { overflow-x: auto; } table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .35rem .6rem; text-align: left; border-bottom: 1px solid var(--line); }
details { border-top: 1px solid var(--line); padding: .6rem 0; } summary { cursor: pointer; font-weight: 600; }
`;
