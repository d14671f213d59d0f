const rules = `
:host { display: inline-block }
:host([hidden]) { display: none }
button {
  font: inherit; cursor: pointer; min-height: 2.75em;
  padding: var(--connect-button-padding, 0.5em 1.1em);
  color: var(--connect-button-color, #fff);
  background: var(--connect-button-background, #1d4ed8);
  border: 1px solid var(--connect-button-border, transparent);
  border-radius: var(--connect-button-radius, 0.4em);
}
button:focus-visible { outline: 3px solid var(--connect-button-focus, #f59e0b); outline-offset: 2px }
button[aria-disabled] { cursor: default }
:host([state='done']) button {
  color: var(--connect-button-done-color, #14532d);
  background: var(--connect-button-done-background, #f0fdf4);
  border-color: var(--connect-button-done-border, #14532d);
}
span { display: block; font-size: 0.875em }
`;

/** A style sheet made by script and not by an element, so that no Content-Security-Policy forbids it. */
export function applyStyle(root: ShadowRoot): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    root.adoptedStyleSheets = [sheet];
  } catch {
    // An old browser, or a document of another window: a plain button works as well.
  }
}
