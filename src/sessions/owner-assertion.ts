import { createHash } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify, type JWTPayload } from 'jose';
import type { OwnerConfiguration } from '../config/configuration.js';
import { GatehouseError } from '../errors.js';
import type { JsonWebKeys } from '../oauth/json-web-keys.js';
import { assertionKey } from '../store/keys.js';
import type { Store } from '../store/store.js';
import { isOwnerName } from './owners/owner.js';

interface Dependencies {
  owner: OwnerConfiguration;
  keys: JsonWebKeys;
  store: Store;
  /** Milliseconds since the epoch. */
  now: () => number;
}

const asymmetric = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
/** Seconds. An assertion is made for one use right now; how long it could be used is how long it has to be remembered. */
const maxLifeSeconds = 86_400;
const toleranceSeconds = 30;

/** Whom an assertion names. */
export interface AssertedOwner {
  name: string;
  /** For pages. */
  label?: string;
}

/** What an assertion must carry where it opens connections: a nonce of this browser, and an end within five minutes. */
export interface AssertionRules {
  takeNonce: (nonce: unknown) => Promise<boolean>;
}

/** Seconds that an assertion may hold which opens connections. */
const maxOpeningLifeSeconds = 300;

/**
 * The embedding application's user, as its signed assertion says (a JWT with sub, aud and exp; RFC 7519). Each assertion is
 * taken once. Throws GatehouseError invalid_request or owner_keys_unavailable.
 */
export async function readOwnerAssertion(
  { owner, keys, store, now }: Dependencies,
  assertion: string,
  rules?: AssertionRules,
): Promise<AssertedOwner> {
  const { sub, exp, nonce, name } = await verify({ owner, keys, now }, assertion);
  const left = (exp ?? 0) - now() / 1000 + toleranceSeconds;
  if (!isOwnerName(sub)) throw refused('it names no user (sub)');
  if (exp === undefined || left > maxLifeSeconds) throw refused('it has no end (exp) within a day');
  if (rules && left > maxOpeningLifeSeconds + 2 * toleranceSeconds)
    throw refused('its end (exp) is over five minutes ahead');
  if (rules && !(await rules.takeNonce(nonce)))
    throw refused('its nonce is not one of this browser, is too old, or was used');
  // What was signed, since one signature can be spelled in several ways.
  const signed = assertion.slice(0, assertion.lastIndexOf('.'));
  const key = assertionKey(createHash('sha256').update(signed).digest('base64url'));
  const use = { key, value: Buffer.from('1'), ttlMs: Math.max(1, Math.ceil(left * 1000)) };
  if (!(await store.commit([{ key, exists: false }], [use]))) throw refused('it was used before');
  return { name: sub, ...(isLabel(name) ? { label: name } : {}) };
}

/** Characters of a name for pages at most. */
const maxLabelLength = 80;

function isLabel(name: unknown): name is string {
  return isOwnerName(name) && Array.from(name).length <= maxLabelLength;
}

async function verify({ owner, keys, now }: Omit<Dependencies, 'store'>, assertion: string): Promise<JWTPayload> {
  const rules = { audience: owner.audience, clockTolerance: toleranceSeconds, currentDate: new Date(now()) };
  if (owner.secret !== undefined) {
    const secret = new TextEncoder().encode(owner.secret);
    const verified = await jwtVerify(assertion, secret, { ...rules, algorithms: ['HS256'] }).catch(() => undefined);
    if (!verified) throw refused('its signature, audience or time is wrong');
    return verified.payload;
  }
  const { alg, kid } = header(assertion);
  if (alg === undefined || !asymmetric.includes(alg) || !owner.jwksUrl) throw refused('its algorithm is not accepted');
  for (const again of [false, true]) {
    const query = { alg, ...(kid === undefined ? {} : { kid }) };
    for (const key of await keys.candidates(owner.jwksUrl.href, query, again).catch(keysUnavailable)) {
      const verified = await jwtVerify(assertion, key, { ...rules, algorithms: [alg] }).catch(() => undefined);
      if (verified) return verified.payload;
    }
  }
  throw refused('its signature, audience or time is wrong');
}

function header(assertion: string): { alg?: string; kid?: string } {
  try {
    const { alg, kid } = decodeProtectedHeader(assertion);
    return { ...(alg === undefined ? {} : { alg }), ...(kid === undefined ? {} : { kid }) };
  } catch {
    return {};
  }
}

function keysUnavailable(cause: unknown): never {
  throw new GatehouseError(
    'owner_keys_unavailable',
    'The keys of the owner assertions (OWNER_JWKS_URL) cannot be read. Nothing was changed; try again in a moment.',
    { retryAfter: 2, cause },
  );
}

function refused(why: string): GatehouseError {
  return new GatehouseError(
    'invalid_request',
    `The owner assertion was refused: ${why}. Ask the application for a new one.`,
  );
}
