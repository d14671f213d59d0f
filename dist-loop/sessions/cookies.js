import { parseCookie, stringifySetCookie } from 'cookie';
import { unsign } from 'cookie-signature';
import { parseSessionId } from './session-id.js';
/** Cookie headers whose signature was found good are remembered: the same one comes with every call of a browser. */
const rememberedHeaders = 10_000;
/** Characters. */
const rememberedLength = 1024;
export function createCookies({ secure, secrets }) {
    const prefix = secure ? '__Host-gatehouse' : 'gatehouse';
    const sessionName = prefix;
    const verified = new Map();
    const verify = (cookieHeader) => {
        const value = parseCookie(cookieHeader)[sessionName];
        if (!value?.startsWith('s:') || value.length > 256 || isDoubled(cookieHeader, sessionName))
            return undefined;
        for (const [index, secret] of secrets.entries()) {
            const text = unsign(value.slice(2), secret);
            const id = text === false ? undefined : parseSessionId(text);
            if (id)
                return { id, signedByFirst: index === 0 };
        }
        return undefined;
    };
    return {
        secure,
        sessionName,
        attemptName: (provider, label) => `${prefix}-attempt.${provider}.${label}`,
        attemptPrefix: `${prefix}-attempt.`,
        csrfName: `${prefix}-csrf`,
        languageName: `${prefix}-language`,
        header: (name, value, maxAge) => stringifySetCookie({ name, value, maxAge, path: '/', httpOnly: true, sameSite: 'lax', secure }),
        sessionId: (cookieHeader = '') => {
            const known = verified.get(cookieHeader);
            if (known !== undefined)
                return known;
            const found = verify(cookieHeader);
            if (found === undefined || cookieHeader.length > rememberedLength)
                return found;
            if (verified.size >= rememberedHeaders)
                verified.clear();
            verified.set(cookieHeader, found);
            return found;
        },
        withoutSession: (cookieHeader) => cookieHeader
            .split(';')
            .filter((pair) => nameOf(pair) !== sessionName)
            .join(';'),
    };
}
/** Two cookies of one name: one of them was planted from elsewhere, and which one cannot be known (RFC 6265 section 8.6). */
function isDoubled(cookieHeader, name) {
    return cookieHeader.split(';').filter((pair) => nameOf(pair) === name).length > 1;
}
function nameOf(pair) {
    const equals = pair.indexOf('=');
    return equals === -1 ? undefined : pair.slice(0, equals).trim();
}
