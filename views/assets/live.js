/* Brings the parts of the page that tell the connection's state up to date, from the page itself. */
export async function refreshPage() {
  const response = await fetch(location.pathname, { headers: { accept: 'text/html' } }).catch(() => undefined);
  if (!response?.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  for (const old of document.querySelectorAll('[data-live]')) {
    const now = fresh.querySelector(`[data-live="${old.dataset.live}"]`);
    if (now && now.textContent !== old.textContent) old.replaceWith(document.adoptNode(now));
  }
  document.dispatchEvent(new CustomEvent('gatehouse:page'));
}
