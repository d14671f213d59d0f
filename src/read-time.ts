/**
 * Milliseconds since the epoch of a time that another server wrote: RFC 3339, or the same without a zone, which is UTC and
 * never this machine's zone.
 */
export function readTimeText(text: string): number | undefined {
  const [, date, time, zone] =
    /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?) ?(.{0,9})$/.exec(text.trim()) ?? [];
  if (date === undefined || time === undefined) return undefined;
  const offset = /^([+-]\d\d):?(\d\d)?$/.exec(zone ?? '');
  const isUtc = /^(z|utc|gmt|)$/i.test(zone ?? '');
  if (!isUtc && !offset) return undefined;
  const ms = Date.parse(`${date}T${time}${offset ? `${offset[1] ?? ''}:${offset[2] ?? '00'}` : 'Z'}`);
  return Number.isNaN(ms) ? undefined : ms;
}
