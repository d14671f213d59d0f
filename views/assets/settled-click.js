/*
 * A page that asks for a decision ignores a click in its first half second: another page may have had the person click where
 * its own button was a moment ago. base.css does the same for the pointer before this is read. Without script all of it works.
 */
const settleMs = 500;
let shownAt = performance.now();
document.addEventListener('visibilitychange', () => (shownAt = performance.now()));
document.addEventListener(
  'click',
  (event) => {
    const isControl = event.target instanceof Element && event.target.closest('button, a') !== null;
    if (performance.now() - shownAt < settleMs && isControl) event.preventDefault();
  },
  true,
);
