/*
 * What the page tells of the step before is told once: not again by a reload or by the way back, and the address, which says
 * it too, forgets it as soon as the person goes on. A failure stays as long as its page, since its id may still be needed.
 */
const told = document.querySelector('[data-notice=connected], [data-notice=disconnected]');
const [arrival] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType('navigation'));

function forget() {
  const url = new URL(location.href);
  for (const name of ['connected', 'connection', 'disconnected', 'revocation']) url.searchParams.delete(name);
  if (url.href !== location.href) history.replaceState(history.state, '', url);
}

if (told && arrival?.type !== 'navigate') {
  told.remove();
  forget();
} else if (told) for (const act of ['pointerdown', 'keydown']) addEventListener(act, forget, { once: true });
