import type { Variable } from '../sections/variables.js';

/*
 * The values of a connection, typed by what they may be put into. `judge` alone makes one, so that whatever fills an address
 * can be called with nothing else: a text that nobody looked at is a type error.
 */

abstract class Judged {
  /** Keeps a plain object from passing for a value. */
  protected readonly judged = true;

  protected constructor(readonly text: string) {}
}

const dnsLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Of what begins with `xn--` not everything is a name (RFC 5891 section 5.4). */
function isReadAsWritten(label: string): boolean {
  const address = `https://${label}.test`;
  return URL.canParse(address) && new URL(address).hostname === `${label}.test`;
}

/** One DNS label (RFC 1123 section 2.1): letters, digits and inner hyphens, at most 63. */
export class Label extends Judged {
  readonly kind = 'label';

  private constructor(text: string) {
    super(text);
  }

  static read(text: string): Label | undefined {
    const label = text.toLowerCase();
    return dnsLabel.test(label) && isReadAsWritten(label) ? new Label(label) : undefined;
  }
}

/** One of the values that the provider file lists. `text` is what it stands for. */
export class OneOf extends Judged {
  readonly kind = 'one_of';

  private constructor(text: string) {
    super(text);
  }

  static read(name: string, values: ReadonlyMap<string, string>): OneOf | undefined {
    const text = values.get(name);
    return text === undefined ? undefined : new OneOf(text);
  }
}

/** An origin that the provider told, within the suffixes of the file. `text` is host and port. */
export class Origin extends Judged {
  readonly kind = 'origin';

  private constructor(text: string) {
    super(text);
  }

  static read(address: string, within: readonly string[], { production }: { production: boolean }): Origin | undefined {
    const url = readOrigin(address);
    if (!url) return undefined;
    if (!production && isOwnMachine(url.hostname)) return new Origin(url.host);
    const isOrdinary = url.protocol === 'https:' && url.port === '';
    return isOrdinary && within.some((suffix) => isBelow(url.hostname, suffix)) ? new Origin(url.host) : undefined;
  }
}

/** Anything else: visible ASCII, which can stand in a path, a header or a parameter, and in no host. */
export class Segment extends Judged {
  readonly kind = 'segment';

  private constructor(text: string) {
    super(text);
  }

  static read(text: string): Segment | undefined {
    return /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(text) && !/^\.+$/.test(text)
      ? new Segment(text)
      : undefined;
  }
}

export type Value = Label | OneOf | Origin | Segment;
/** The judged values of one connection, by the name of their variable. */
export type Values = ReadonlyMap<string, Value>;

/** Characters of a value at most: a pattern is tried on no longer text. */
const maxLength = 255;

/** The value, where today's file takes it for this variable. */
export function judge(variable: Variable, raw: string, surroundings: { production: boolean }): Value | undefined {
  if (raw.length > maxLength || (variable.pattern && !variable.pattern.test(raw))) return undefined;
  switch (variable.type) {
    case 'one_of':
      return OneOf.read(raw, variable.values);
    case 'origin':
      return Origin.read(raw, variable.originWithin, surroundings);
    case 'label':
      return Label.read(raw);
    case 'segment':
      return Segment.read(raw);
  }
}

/** As it is stored and compared: of an origin what is left without its path, of a label its small letters. */
export function storedText(variable: Variable, raw: string, value: Value): string {
  if (value.kind === 'origin') return readOrigin(raw)?.origin ?? raw;
  return variable.type === 'label' ? value.text : raw;
}

/** Some servers tell a host alone. */
function readOrigin(address: string): URL | undefined {
  const text = /^[a-z0-9.-]+$/i.test(address) ? `https://${address}` : address;
  if (!/^https?:\/\/[^/\\?#@]+(?:[/?#]|$)/i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isNamed = url.username === '' && url.password === '' && !url.hostname.endsWith('.');
  return isNamed ? url : undefined;
}

/** A host below a suffix such as `.example.com`, of ordinary DNS labels. */
function isBelow(hostname: string, suffix: string): boolean {
  if (!hostname.endsWith(suffix)) return false;
  const labels = hostname.slice(0, -suffix.length).split('.');
  return labels.every((label) => dnsLabel.test(label));
}

/** This machine by its address or by a name that no other has (RFC 6761 section 6.3). */
export function isOwnMachine(hostname: string): boolean {
  return (
    /^(?:[a-z0-9-]+\.)*localhost$/.test(hostname) || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
  );
}
