/**
 * Tabs: arrow keys move among them, and one panel is shown (WAI-ARIA authoring practices, automatic activation).
 * @param {HTMLElement} root
 */
export function tabsIn(root) {
  const list = /** @type {HTMLElement} */ (root.querySelector('[role=tablist]'));
  const tabs = /** @type {HTMLElement[]} */ ([...list.querySelectorAll('[role=tab]')]);
  /** @param {HTMLElement} tab */
  const panelOf = (tab) => document.getElementById(tab.getAttribute('aria-controls') ?? '');
  const offered = () => tabs.filter((tab) => !tab.hidden);

  /** @param {HTMLElement | undefined} chosen */
  const select = (chosen) => {
    for (const tab of tabs) {
      const on = tab === chosen;
      tab.setAttribute('aria-selected', String(on));
      tab.tabIndex = on ? 0 : -1;
      panelOf(tab)?.toggleAttribute('hidden', !on);
    }
    chosen?.dispatchEvent(new CustomEvent('shown', { bubbles: true, detail: chosen.id }));
  };
  for (const tab of tabs) tab.addEventListener('click', () => select(tab));
  list.addEventListener('keydown', (event) => {
    const all = offered();
    const now = all.findIndex((tab) => tab === document.activeElement);
    /** @type {Record<string, number>} */
    const places = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: all.length - 1 };
    const next = places[event.key];
    if (now === -1 || next === undefined) return;
    event.preventDefault();
    const tab = all[(next + all.length) % all.length];
    select(tab);
    tab?.focus();
  });

  /**
   * Offers these tabs alone, and selects the first, or with `keep` that of the code where it was selected before.
   * @param {readonly string[]} names
   * @param {{ keep: boolean }} options
   */
  return (names, { keep }) => {
    for (const tab of tabs) tab.hidden = !names.includes(tab.id);
    const selected = tabs.find((tab) => tab.getAttribute('aria-selected') === 'true' && tab.id === 'tab-code');
    select(keep && selected && !selected.hidden ? selected : offered()[0]);
  };
}
