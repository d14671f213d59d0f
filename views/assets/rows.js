/* Makes a table's columns and cells out of a JSON answer. Knows nothing of the page. */

const maxColumns = 8;
const longValue = 22;

/** The value at a JSON pointer (RFC 6901); undefined where there is none. */
export function at(value, pointer) {
  if (pointer === '') return value;
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((inner, part) => (isContainer(inner) && Object.hasOwn(inner, part) ? inner[part] : undefined), value);
}

/** The rows of an answer: at the pointer, else the answer itself, else its first member that is an array. */
export function rowsOf(answer, pointer) {
  if (pointer !== undefined) {
    const found = at(answer, pointer);
    if (Array.isArray(found)) return found;
    return isContainer(found) ? [found] : [];
  }
  if (Array.isArray(answer)) return answer;
  if (!isContainer(answer)) return [];
  return Object.values(answer).find((member) => Array.isArray(member)) ?? [answer];
}

/** Scalar members by name; an object's members follow as `object.member`, one level deep. */
export function flatten(row) {
  if (!isContainer(row) || Array.isArray(row)) return { value: row };
  const own = Object.entries(row).filter(([, value]) => !isContainer(value));
  const nested = Object.entries(row)
    .filter(([, value]) => isContainer(value) && !Array.isArray(value))
    .flatMap(([name, value]) =>
      Object.entries(value)
        .filter(([, inner]) => !isContainer(inner))
        .map(([inner, scalar]) => [`${name}.${inner}`, scalar]),
    );
  return Object.fromEntries([...own, ...nested]);
}

/**
 * Column names: the union over the rows without columns that hold nothing. Top-level members come first, then those of
 * inner objects; columns of long values, such as hashes, come last.
 */
export function columnsOf(flatRows) {
  const longest = new Map();
  for (const row of flatRows) {
    for (const [name, value] of Object.entries(row)) {
      if (value === null || value === '') continue;
      longest.set(name, Math.max(longest.get(name) ?? 0, textOf(value).length));
    }
  }
  const place = (name) => (longest.get(name) > longValue ? 2 : name.includes('.') ? 1 : 0);
  return [...longest.keys()].sort((a, b) => place(a) - place(b)).slice(0, maxColumns);
}

/** A scalar as text; of a time (RFC 3339) only the date, the hour and the minute. */
export function textOf(value) {
  const time = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)/.exec(value);
  return time ? `${time[1]} ${time[2]}` : String(value);
}

function isContainer(value) {
  return typeof value === 'object' && value !== null;
}
