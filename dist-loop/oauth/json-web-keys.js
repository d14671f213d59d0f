import { setTimeout as delay } from 'node:timers/promises';
import { importJWK } from 'jose';
const ageLimit = 3_600_000;
/** Milliseconds between two looks for new keys: an attacker's made-up key ids must not make us hammer the server. */
const pauseBetweenLooks = 1_000;
export function createJsonWebKeys(http, now) {
    const sets = new Map();
    const looks = new Map();
    const fetchKeys = async (jwksUri) => {
        const answer = await http(jwksUri, { method: 'GET', headers: { accept: 'application/json' } }, { deadline: 5_000 });
        const keys = answer.status === 200 ? readKeys(answer.body) : undefined;
        if (!keys)
            throw new Error('the key set cannot be read');
        sets.set(jwksUri, { keys, fetchedAt: now() });
        return keys;
    };
    const known = async (jwksUri) => {
        const set = sets.get(jwksUri);
        return set && now() - set.fetchedAt < ageLimit ? set.keys : fetchKeys(jwksUri);
    };
    /** Who comes within the pause waits for its end, together with all others: keys may have changed since the last look. */
    const look = (jwksUri) => {
        const last = looks.get(jwksUri);
        if (last && last.startsAt > now())
            return last.keys;
        const wait = Math.max(0, (last?.startsAt ?? 0) + pauseBetweenLooks - now());
        const keys = (wait > 0 ? delay(wait) : Promise.resolve()).then(() => fetchKeys(jwksUri));
        looks.set(jwksUri, { startsAt: now() + wait, keys });
        return keys;
    };
    return {
        candidates: async (jwksUri, query, again = false) => {
            const keys = await (again ? look(jwksUri) : known(jwksUri));
            const fitting = keys.filter((key) => fits(key, query));
            const imported = await Promise.all(fitting.map((key) => importJWK(key, query.alg).catch(() => undefined)));
            return imported.filter((key) => key !== undefined);
        },
    };
}
function readKeys(body) {
    try {
        const { keys } = JSON.parse(body);
        return Array.isArray(keys) ? keys.filter((key) => typeof key === 'object' && key !== null) : undefined;
    }
    catch {
        return undefined;
    }
}
/** A public key of the algorithm's kind, meant for signatures, with the wanted key id where one is wanted. */
function fits(key, { alg, kid }) {
    const kty = alg.startsWith('ES') ? 'EC' : alg === 'EdDSA' ? 'OKP' : 'RSA';
    return (key.kty === kty &&
        key.d === undefined &&
        (key.use === undefined || key.use === 'sig') &&
        (key.alg === undefined || key.alg === alg) &&
        (kid === undefined || key.kid === kid));
}
