/* Buttons that copy the value of the field they name; hidden where there is no clipboard. */
for (const button of document.querySelectorAll('[data-copy]')) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener('click', async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    await navigator.clipboard.writeText(field.value);
    document.querySelector('[data-copy-status]').textContent = button.dataset.copied;
    button.textContent = button.dataset.copied;
  });
}
