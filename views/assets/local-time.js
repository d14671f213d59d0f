/* Shows times in the reader's own time zone; without this script they are in UTC and say so. */
const format = new Intl.DateTimeFormat(document.documentElement.lang === 'nb' ? 'nb-NO' : 'en-GB', {
  dateStyle: 'long',
  timeStyle: 'short',
});

function showLocal() {
  /** @type {NodeListOf<HTMLTimeElement>} */
  const times = document.querySelectorAll('time[data-local-time]:not([title])');
  for (const time of times) {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    time.title = time.textContent;
    time.textContent = format.format(date);
  }
}

showLocal();
document.addEventListener('gatehouse:page', showLocal);
