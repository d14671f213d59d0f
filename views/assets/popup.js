/*
 * The end of a pop-up. The page that opened it is told the outcome, if it is still of the very origin that started the attempt; so
 * are the pages of our own origin, for a provider's opener policy may have cut the two apart. Then the window closes, and where
 * the browser does not let it, its text says that the person may.
 */
/** @type {HTMLElement | null} */
const box = document.querySelector('[data-outcome]');
const { origin = '', outcome } = box?.dataset ?? {};
if (outcome !== undefined) {
  const message = JSON.parse(outcome);
  window.opener?.postMessage(message, origin);
  if (window.BroadcastChannel)
    new BroadcastChannel(`gatehouse ${new URL('..', import.meta.url).href}`).postMessage(message);
  window.close();
}
