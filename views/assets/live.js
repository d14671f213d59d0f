/*
 * Brings the parts of the page that tell the connection's state up to date, from the page itself. Where the fresh one offers no
 * calls any more, what it told of the step before, that this is connected, is over as well.
 */
export async function refreshPage() {
  const response = await fetch(location.pathname, { headers: { accept: 'text/html' } }).catch(() => undefined);
  if (!response?.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  for (const old of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-live]'))) {
    const now = fresh.querySelector(`[data-live="${old.dataset.live}"]`);
    if (now && now.textContent !== old.textContent) old.replaceWith(document.adoptNode(now));
  }
  if (!fresh.querySelector('[data-explorer]')) document.querySelector('[data-notice=connected]')?.remove();
  document.dispatchEvent(new CustomEvent('gatehouse:page'));
}
