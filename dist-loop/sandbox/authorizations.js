import { randomUUID } from 'node:crypto';
import { verifierMatches } from './pkce.js';
export function createAuthorizations(clock) {
    const authorizations = new Map();
    const codes = new Map();
    const accessTokens = new Map();
    const refreshTokens = new Map();
    const add = (tokens, token) => {
        const record = { ...token, alive: true };
        tokens.set(token.value, record);
        return record;
    };
    const of = (tokens, authorization) => [...tokens.values()].filter((token) => token.authorization === authorization);
    return {
        add(wanted) {
            const authorization = { ...wanted, id: randomUUID(), alive: true };
            authorizations.set(authorization.id, authorization);
            return authorization;
        },
        all: () => [...authorizations.values()],
        addCode: (value, code) => void codes.set(value, { ...code, used: false }),
        takeCode({ code: value, client, redirectUri, verifier }) {
            const code = codes.get(value ?? '');
            if (!code)
                return { refused: 'unknown' };
            if (code.authorization.client !== client)
                return { refused: 'client' };
            if (code.used)
                return { refused: 'used', code };
            code.used = true;
            if (code.expiresAt <= clock.seconds() || !code.authorization.alive)
                return { refused: 'expired' };
            if (redirectUri !== undefined && redirectUri !== code.redirectUri)
                return { refused: 'redirect_uri' };
            if (code.challenge && !verifierMatches(code.challenge, verifier))
                return { refused: 'verifier' };
            return { code };
        },
        addAccess: (token) => add(accessTokens, token),
        addRefresh: (token) => add(refreshTokens, token),
        access: (value) => accessTokens.get(value ?? ''),
        refresh: (value) => refreshTokens.get(value ?? ''),
        accessOf: (authorization) => of(accessTokens, authorization),
        refreshOf: (authorization) => of(refreshTokens, authorization),
    };
}
/** Usable now: neither ended by itself, nor with its authorization, nor by time. */
export function isUsable(token, clock) {
    return token !== undefined && token.alive && token.authorization.alive && token.expiresAt > clock.seconds();
}
