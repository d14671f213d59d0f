/* Buttons that copy the value of the field, or the text of the part, that they name; hidden where there is no clipboard. */
/** @type {NodeListOf<HTMLElement>} */
const buttons = document.querySelectorAll('[data-copy], [data-copy-text]');
for (const button of buttons) {
  if (!navigator.clipboard) continue;
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const { copy, copyText, copied = '' } = button.dataset;
    const field = /** @type {HTMLInputElement | null} */ (copy ? document.getElementById(copy) : null);
    const text = field ? field.value : document.querySelector(`[data-part="${copyText}"]`)?.textContent;
    field?.select?.();
    await navigator.clipboard.writeText(text ?? '');
    const status = document.querySelector('[data-copy-status]');
    if (status) status.textContent = copied;
    button.textContent = copied;
    setTimeout(() => (button.textContent = label), 2000);
  });
}
