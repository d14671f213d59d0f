/* Buttons that copy the value of the field, or the text of the part, that they name; hidden where there is no clipboard. */
for (const button of document.querySelectorAll('[data-copy], [data-copy-text]')) {
  if (!navigator.clipboard) continue;
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const field = button.dataset.copy && document.getElementById(button.dataset.copy);
    const text = field ? field.value : document.querySelector(`[data-part="${button.dataset.copyText}"]`).textContent;
    field?.select?.();
    await navigator.clipboard.writeText(text);
    document.querySelector('[data-copy-status]').textContent = button.dataset.copied;
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = label), 2000);
  });
}
