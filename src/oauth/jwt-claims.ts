import { parseExactObject } from '../exact-json.js';

/** The claims of a JWT, unverified; undefined where the text is no JWT. Large numbers keep their digits. */
export function jwtClaims(token: string): Record<string, unknown> | undefined {
  const parts = token.split('.', 4);
  const [, payload] = parts;
  if (parts.length !== 3 || payload === undefined || !/^[\w-]+$/.test(payload)) return undefined;
  return parseExactObject(Buffer.from(payload, 'base64url').toString('utf8'));
}
