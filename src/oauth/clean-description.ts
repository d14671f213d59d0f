/*
 * What a server says of a refusal, for the operator's log alone. A server may repeat what it was sent or name a person, so
 * everything that looks like a token, a code, an address or an e-mail is taken out.
 */

const maxCharacters = 300;
const removed = '[removed]';

/** At most 300 characters; undefined where nothing was said. `sent`: values of the request that must not come back. */
export function cleanDescription(text: unknown, sent: readonly string[] = []): string | undefined {
  if (typeof text !== 'string') return undefined;
  const known = sent.filter((value) => value.length > 3).sort((one, other) => other.length - one.length);
  const without = known.reduce((rest, value) => rest.replaceAll(value, ` ${removed} `), text.slice(0, 20_000));
  const cleaned = without
    .slice(0, 2_000)
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[a-z][a-z\d+.-]{0,20}:\/\/[^\s"'<>]+/gi, removed)
    .replace(/\b(?:www\.|(?:[a-z\d-]{1,63}\.){1,8}[a-z]{2,24}(?::\d{1,5})?\/)[^\s"'<>]*/gi, removed)
    .replace(/[^\s"'<>@=:(,;]{1,64}(?:@|%40)[^\s"'<>),;]+/gi, removed)
    .replace(
      /\b(\w{0,30}(?:code|token|secret|password|verifier|assertion|state|nonce|key)["']?\s{0,3}[=])\s{0,3}[^\s,;]+/gi,
      `$1${removed}`,
    )
    .replace(
      /(["'](?:\w{0,30}(?:code|token|secret|password|verifier|assertion|state|nonce|key))["']\s{0,3}:\s{0,3})["'][^"']*["']?/gi,
      `$1${removed}`,
    )
    .replace(/[\p{L}\p{N}_+/=~.%:-]{6,}/gu, (run) => withoutSecret(run))
    .replace(/(?:\[removed\]\s?){2,}/g, `${removed} `)
    .replace(/\s+/g, ' ')
    .trim();
  const short = cleaned
    .slice(0, maxCharacters)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trim();
  return short === '' ? undefined : short;
}

/** Words stay, and so do error codes such as `AADSTS70008` and dates; anything else with digits in it may open something. */
function withoutSecret(run: string): string {
  const [, body = '', end = ''] = /^(.*?)([.:]*)$/.exec(run) ?? [];
  const isErrorCode = /^[A-Z]{2,12}[-_]?\d{1,9}$/.test(body);
  const isDate = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?Z?)?$|^\d\d:\d\d(:\d\d)?Z?$/.test(body);
  const isWord = body
    .split(/[_+/=~.%:-]+/)
    .every((part) => /^\p{L}*$/u.test(part) && part.length <= 24 && !isMixed(part));
  const isShortName = body.length < 8 && /^[\p{L}\d.]+$/u.test(body) && /\p{L}/u.test(body);
  return isErrorCode || isDate || isWord || isShortName ? run : `${removed}${end}`;
}

/** Capitals within a word, more often than names such as `accessToken` have them. */
function isMixed(part: string): boolean {
  return part.length > 12 && (part.match(/\p{Ll}\p{Lu}/gu) ?? []).length > 3;
}
