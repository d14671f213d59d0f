import type { Locale } from './locale.js';

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

const tags: Readonly<Record<Locale, string>> = { en: 'en-GB', nb: 'nb-NO' };

/** Seconds in words: days and hours, hours and minutes, minutes alone, seconds alone. 86100 is "23 hours 55 minutes". */
export function formatDuration(seconds: number, locale: Locale): string {
  const whole = Math.max(0, Math.trunc(seconds));
  const first = units.findIndex(([, size]) => whole >= size);
  if (first === -1) return inUnit(0, 'second', locale);
  let rest = whole;
  const parts: string[] = [];
  const few = (units[first]?.[1] ?? 0) < 3600 ? 1 : 2;
  for (const [unit, size] of units.slice(first, first + few)) {
    const count = Math.trunc(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(inUnit(count, unit, locale));
  }
  return parts.join(' ');
}

/** An RFC 3339 time in words, in UTC and saying so; a text that is no time is returned as it is. */
export function formatTime(time: string, locale: Locale): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  const words = new Intl.DateTimeFormat(tags[locale], { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  return `${words.format(date)} UTC`;
}

/** Bytes in the unit that fits: 9340 is "9.3 kB". */
export function formatSize(bytes: number, locale: Locale): string {
  const [unit, divisor] = bytes < 1000 ? ['byte', 1] : bytes < 1e6 ? ['kilobyte', 1e3] : ['megabyte', 1e6];
  const style = { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(tags[locale], style).format(bytes / divisor);
}

function inUnit(count: number, unit: string, locale: Locale): string {
  return new Intl.NumberFormat(tags[locale], { style: 'unit', unit, unitDisplay: 'long' }).format(count);
}
