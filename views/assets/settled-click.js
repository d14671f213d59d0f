/*
 * A page that asks for a decision ignores clicks in its first half second: another page may have made the person click where
 * its own button was a moment ago. The style sheet keeps the pointer away for as long, also without script.
 */
const settleMs = 500;
const root = document.documentElement;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

function settle() {
  clearTimeout(timer);
  root.dataset['settling'] = '';
  timer = setTimeout(() => delete root.dataset['settling'], settleMs);
}

settle();
document.addEventListener('visibilitychange', settle);
document.addEventListener(
  'click',
  (event) => {
    const isControl = event.target instanceof Element && event.target.closest('button, a') !== null;
    if (isControl && root.dataset['settling'] !== undefined) event.preventDefault();
  },
  true,
);
