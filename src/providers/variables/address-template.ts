import { placeholders } from './placeholder.js';
import { isOwnMachine, type Value, type Values } from './value.js';

/*
 * An address with placeholders, parsed once when the provider file is read. What may stand in its host is decided here, by the
 * types of the variables, and filling only follows it.
 */

/** A piece of a host, of a path or of a query: a literal text, or the variable that stands there. */
type Piece = string | { readonly name: string };

export interface AddressTemplate {
  readonly scheme: 'https' | 'http';
  readonly host: readonly Piece[];
  readonly rest: readonly Piece[];
  /** Every variable in it. */
  readonly names: ReadonlySet<string>;
  /** Those of the host. */
  readonly hostNames: ReadonlySet<string>;
}

/** Undefined where the text is no address of this form: https or http, a host, a path and a query. */
export function parseAddress(text: string): AddressTemplate | undefined {
  const [, scheme, host, rest] = /^(https?):\/\/([^/?#@\\]+)([^#]*)$/i.exec(text) ?? [];
  if (scheme === undefined || host === undefined || rest === undefined) return undefined;
  if (!isLiteral(host, /^[a-z0-9.:[\]-]*$/i) || !isLiteral(rest, /^[\w\-.~!$&'()*+,;=:@%/?]*$/)) return undefined;
  return {
    scheme: scheme.toLowerCase() === 'http' ? 'http' : 'https',
    host: pieces(host.toLowerCase()),
    rest: pieces(rest),
    names: new Set([...placeholders(host.toLowerCase()), ...placeholders(rest)]),
    hostNames: new Set(placeholders(host.toLowerCase())),
  };
}

function isLiteral(text: string, grammar: RegExp): boolean {
  return pieces(text).every((piece) => typeof piece !== 'string' || grammar.test(piece));
}

/** `a{b}c` as `a`, the variable b, and `c`. */
function pieces(text: string): Piece[] {
  return text
    .split(/(\{\w+\})/)
    .flatMap((part): Piece[] => (part === '' ? [] : /^\{\w+\}$/.test(part) ? [{ name: part.slice(1, -1) }] : [part]));
}

/**
 * The address with the values of one connection; undefined where one is missing. A value of another type than its place takes
 * is an error of this program and throws.
 */
export function fillAddress(
  { scheme, host, rest, names }: AddressTemplate,
  values: Values,
  { production }: { production: boolean },
): URL | undefined {
  if ([...names].some((name) => !values.has(name))) return undefined;
  const authority = host.map((piece, index) => hostPiece(piece, index, host.length, values)).join('');
  const path = rest
    .map((piece) => (typeof piece === 'string' ? piece : encodePart(valueOf(values, piece.name))))
    .join('');
  const isEmulated = !production && isOwnMachine(hostnameOf(authority));
  const url = new URL(`${isEmulated ? 'http' : scheme}://${authority}${path}`);
  // The parser has read exactly what was written: no user, no other host, no dot segment that leads out of the path.
  if (
    url.host !== authority ||
    `${url.pathname}${url.search}` !== (/^[^/]/.test(path) || path === '' ? `/${path}` : path)
  )
    throw new Error('a filled address is not what was written');
  return url;
}

/** A label stands first, before a literal dot; a listed value anywhere; an origin alone. */
function hostPiece(piece: Piece, index: number, length: number, values: Values): string {
  if (typeof piece === 'string') return piece;
  const value = valueOf(values, piece.name);
  if (value.kind === 'label' && index === 0 && length > 1) return value.text;
  if (value.kind === 'one_of') return value.text.toLowerCase();
  if (value.kind === 'origin' && length === 1) return value.text;
  throw new Error(`a ${value.kind} cannot stand there in a host`);
}

/** One percent-encoded segment of a path, or part of one; in a query the same. */
export function encodePart(value: Value): string {
  if (value.kind === 'origin') throw new Error('an origin cannot stand in a path');
  return encodeURIComponent(value.text);
}

function valueOf(values: Values, name: string): Value {
  const value = values.get(name);
  if (value === undefined) throw new Error('a value is missing');
  return value;
}

function hostnameOf(authority: string): string {
  return authority.replace(/:\d+$/, '');
}
