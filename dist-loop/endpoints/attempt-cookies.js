import { createHash } from 'node:crypto';
import { parseCookie } from 'cookie';
import { attemptLife, formatReference, parseReference, } from '../connections/pending-authorizations.js';
/** More than a person has open; older ones are let go so that the cookies do not outgrow a header. */
const most = 12;
/** The attempts whose cookies come with the request. */
export function presentedAttempts(req, cookies) {
    return Object.entries(parseCookie(req.headers.cookie ?? '')).flatMap(([name, value]) => {
        if (!name.startsWith(cookies.attemptPrefix))
            return [];
        const reference = parseReference(value ?? '');
        return reference ? [{ name, reference }] : [];
    });
}
/** The name of the cookie of the attempt with this state. */
export function attemptCookieName(cookies, provider, state) {
    const label = createHash('sha256').update(state).digest('base64url').slice(0, 12);
    return cookies.attemptName(provider.id, provider.authorization.state === 'not_echoed' ? 'newest' : label);
}
/** Adds the attempt's cookie, which outlives its success so that a reload can be answered. Answers those let go for it. */
export function sendAttemptCookie(req, res, cookies, name, reference) {
    const presented = presentedAttempts(req, cookies);
    const replaced = presented.filter((each) => each.name === name);
    const others = presented
        .filter((each) => each.name !== name)
        .sort((a, b) => b.reference.startedAt - a.reference.startedAt);
    const dropped = others.slice(most - 1);
    for (const each of dropped)
        clearAttemptCookie(res, cookies, each.name);
    res.append('Set-Cookie', cookies.header(name, formatReference(reference), (2 * attemptLife) / 1000));
    return [...replaced, ...dropped];
}
export function clearAttemptCookie(res, cookies, name) {
    res.append('Set-Cookie', cookies.header(name, '', 0));
}
