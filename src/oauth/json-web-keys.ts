import { setTimeout as delay } from 'node:timers/promises';
import { importJWK, type CryptoKey, type JWK } from 'jose';
import type { ClientTls, HttpClient } from '../http/client.js';

export interface KeyQuery {
  alg: string;
  kid?: string;
  /** Presented where the key set is fetched. */
  certificate?: ClientTls | undefined;
}

/** The published keys of authorization servers (RFC 7517), fetched when first needed and again when an unknown key id appears. */
export interface JsonWebKeys {
  /** The keys that may have made such a signature. `again`: none of the known ones fits, look whether there are new ones. */
  candidates(jwksUri: string, query: KeyQuery, again?: boolean): Promise<(CryptoKey | Uint8Array)[]>;
}

const ageLimit = 3_600_000;
/** Keys that a signature is tried with. */
const maxCandidates = 64;
/** Milliseconds between two looks for new keys: an attacker's made-up key ids must not make us hammer the server. */
const pauseBetweenLooks = 1_000;

interface Look {
  /** Milliseconds since the epoch. */
  startsAt: number;
  keys: Promise<JWK[]>;
}

export function createJsonWebKeys(http: HttpClient, now: () => number): JsonWebKeys {
  const sets = new Map<string, { keys: JWK[]; fetchedAt: number }>();
  const looks = new Map<string, Look>();

  const fetchKeys = async (jwksUri: string, certificate?: ClientTls): Promise<JWK[]> => {
    const request = { method: 'GET', headers: { accept: 'application/json' }, certificate } as const;
    const answer = await http(jwksUri, request, { deadline: 5_000 });
    const keys = answer.status === 200 ? readKeys(answer.body) : undefined;
    if (!keys) throw new Error('the key set cannot be read');
    sets.set(jwksUri, { keys, fetchedAt: now() });
    return keys;
  };

  const known = async (jwksUri: string, certificate?: ClientTls): Promise<JWK[]> => {
    const set = sets.get(jwksUri);
    return set && now() - set.fetchedAt < ageLimit ? set.keys : fetchKeys(jwksUri, certificate);
  };

  /** Who comes within the pause waits for its end, together with all others: keys may have changed since the last look. */
  const look = (jwksUri: string, certificate?: ClientTls): Promise<JWK[]> => {
    const last = looks.get(jwksUri);
    if (last && last.startsAt > now()) return last.keys;
    const wait = Math.max(0, (last?.startsAt ?? 0) + pauseBetweenLooks - now());
    const keys = (wait > 0 ? delay(wait) : Promise.resolve()).then(() => fetchKeys(jwksUri, certificate));
    looks.set(jwksUri, { startsAt: now() + wait, keys });
    return keys;
  };

  return {
    candidates: async (jwksUri, query, again = false) => {
      const { certificate } = query;
      const keys = await (again ? look(jwksUri, certificate) : known(jwksUri, certificate));
      const fitting = fittingKeys(keys, query).slice(0, maxCandidates);
      const imported = await Promise.all(fitting.map((key) => importJWK(key, query.alg).catch(() => undefined)));
      return imported.filter((key) => key !== undefined);
    },
  };
}

function readKeys(body: string): JWK[] | undefined {
  try {
    const { keys } = JSON.parse(body) as { keys?: unknown };
    return Array.isArray(keys) ? keys.filter((key): key is JWK => typeof key === 'object' && key !== null) : undefined;
  } catch {
    return undefined;
  }
}

/** The keys that may have made a signature: those with its key id, or the keys without one where none has it. */
function fittingKeys(keys: readonly JWK[], { alg, kid }: KeyQuery): JWK[] {
  const ofKind = keys.filter((key) => fits(key, alg));
  if (kid === undefined) return ofKind;
  const named = ofKind.filter((key) => key.kid === kid);
  return named.length > 0 ? named : ofKind.filter((key) => key.kid === undefined);
}

/** A public key of the algorithm's kind, meant for signatures. */
function fits(key: JWK, alg: string): boolean {
  const kty = alg.startsWith('ES') ? 'EC' : alg === 'EdDSA' ? 'OKP' : 'RSA';
  return (
    key.kty === kty &&
    key.d === undefined &&
    (key.use === undefined || key.use === 'sig') &&
    (key.alg === undefined || key.alg === alg)
  );
}
