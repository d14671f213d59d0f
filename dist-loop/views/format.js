const units = [
    ['day', 86_400],
    ['hour', 3600],
    ['minute', 60],
    ['second', 1],
];
const tags = { en: 'en-GB', nb: 'nb-NO' };
/** Seconds in words with the two largest units: 86100 is "23 hours 55 minutes". */
export function formatDuration(seconds, locale) {
    const whole = Math.max(0, Math.trunc(seconds));
    const first = units.findIndex(([, size]) => whole >= size);
    if (first === -1)
        return inUnit(0, 'second', locale);
    let rest = whole;
    const parts = [];
    for (const [unit, size] of units.slice(first, first + 2)) {
        const count = Math.trunc(rest / size);
        rest -= count * size;
        if (count > 0)
            parts.push(inUnit(count, unit, locale));
    }
    return parts.join(' ');
}
/** An RFC 3339 time in words, in UTC and saying so; a text that is no time is returned as it is. */
export function formatTime(time, locale) {
    const date = new Date(time);
    if (Number.isNaN(date.getTime()))
        return time;
    const words = new Intl.DateTimeFormat(tags[locale], { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
    return `${words.format(date)} UTC`;
}
function inUnit(count, unit, locale) {
    return new Intl.NumberFormat(tags[locale], { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}
