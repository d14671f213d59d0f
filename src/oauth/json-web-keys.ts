import { importJWK, type CryptoKey, type JWK } from 'jose';
import type { HttpClient } from './http.js';

export interface KeyQuery {
  alg: string;
  kid?: string;
}

/** The published keys of authorization servers (RFC 7517), fetched when first needed and again when an unknown key id appears. */
export interface JsonWebKeys {
  /** The keys that may have made such a signature. `again`: none of the known ones fits, look whether there are new ones. */
  candidates(jwksUri: string, query: KeyQuery, again?: boolean): Promise<(CryptoKey | Uint8Array)[]>;
}

const ageLimit = 3_600_000;
/** An attacker's made-up key ids must not make us hammer the server. */
const pauseBetweenFetches = 1_000;

export function createJsonWebKeys(http: HttpClient, now: () => number): JsonWebKeys {
  const sets = new Map<string, { keys: JWK[]; fetchedAt: number }>();

  const load = async (jwksUri: string, maxAge: number): Promise<JWK[]> => {
    const known = sets.get(jwksUri);
    if (known && now() - known.fetchedAt < maxAge) return known.keys;
    const answer = await http(jwksUri, { method: 'GET', headers: { accept: 'application/json' } }, { deadline: 5_000 });
    const keys = answer.status === 200 ? readKeys(answer.body) : undefined;
    if (!keys) throw new Error('the key set cannot be read');
    sets.set(jwksUri, { keys, fetchedAt: now() });
    return keys;
  };

  return {
    candidates: async (jwksUri, query, again = false) => {
      const keys = await load(jwksUri, again ? pauseBetweenFetches : ageLimit);
      const fitting = keys.filter((key) => fits(key, query));
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

/** A public key of the algorithm's kind, meant for signatures, with the wanted key id where one is wanted. */
function fits(key: JWK, { alg, kid }: KeyQuery): boolean {
  const kty = alg.startsWith('ES') ? 'EC' : alg === 'EdDSA' ? 'OKP' : 'RSA';
  return (
    key.kty === kty &&
    key.d === undefined &&
    (key.use === undefined || key.use === 'sig') &&
    (key.alg === undefined || key.alg === alg) &&
    (kid === undefined || key.kid === kid)
  );
}
