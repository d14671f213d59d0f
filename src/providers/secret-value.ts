import { z } from 'zod';
import { headerValue } from './header-types.js';
import { reservedSuffixes, variablePrefix } from './variable.js';

/*
 * A value of the operator's that a provider file names and does not hold: `{ secret: NAME }` is the variable `<ID>_NAME`, or
 * the file that `<ID>_NAME_FILE` names.
 */

export const secretReference = z.strictObject({
  secret: z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'must match ^[A-Z][A-Z0-9_]*$'),
});

export type SecretReference = z.infer<typeof secretReference>;

/** A header's value, or the secret that it is. */
export const headerValueOrSecret = z.union([headerValue, secretReference]);

/** The secrets of one provider, by the names in its file. */
export type Secrets = Readonly<Record<string, string>>;

/** The text, or the value of the secret; that every secret is there was checked before. */
export function valueOf(written: string | SecretReference, secrets: Secrets): string {
  return typeof written === 'string' ? written : (secrets[written.secret] ?? '');
}

interface Asking {
  token?: { request?: { headers?: unknown } | null | undefined } | null | undefined;
  revocation?: { request?: { headers?: unknown } | null | undefined } | null | undefined;
  api?: { headers?: unknown; token?: unknown } | null | undefined;
}

/** The names of all secrets that a provider file, or one environment of it, asks for, each once. */
export function secretNames({ token, revocation, api }: Asking): string[] {
  const parts = [token?.request?.headers, revocation?.request?.headers, api?.headers, api?.token];
  return [...new Set(parts.flatMap(namesWithin))];
}

function namesWithin(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return [];
  const { secret } = part as { secret?: unknown };
  return typeof secret === 'string' ? [secret] : Object.values(part).flatMap(namesWithin);
}

/** `<ID>_NAME`. */
export function secretVariable(id: string, name: string): string {
  return `${variablePrefix(id)}_${name}`;
}

/** Whether the name is one that Gatehouse itself gives a meaning, or that of a file. */
export function isReservedSecret(name: string): boolean {
  return name.endsWith('_FILE') || (reservedSuffixes as readonly string[]).includes(name);
}

/** What a header can carry (RFC 9110 section 5.5): visible ASCII and blanks within one line. */
export function isHeaderText(value: string): boolean {
  return headerValue.safeParse(value).success;
}
