export class TokenEndpointError extends Error {
    kind;
    code;
    retryAfter;
    name = 'TokenEndpointError';
    constructor(kind, 
    /** A code of RFC 6749 or of the provider file where the server named one, else a word of ours. */
    code, 
    /** Seconds. */
    retryAfter, options) {
        super(`the token endpoint refused (${kind}, ${code})`, options);
        this.kind = kind;
        this.code = code;
        this.retryAfter = retryAfter;
    }
}
const year = 31_536_000;
const transientStatus = new Set([404, 405, 408, 425, 429]);
const transientCodes = new Set(['temporarily_unavailable', 'server_error', 'slow_down', 'too_many_requests']);
/** Reads an answer of the token endpoint by the provider's rules. Throws TokenEndpointError. */
export function readTokenAnswer(answer, rules) {
    const body = parseObject(answer.body);
    if (answer.status >= 200 && answer.status < 300) {
        if (!body)
            throw new TokenEndpointError('malformed', 'not_json');
        if (typeof body['access_token'] === 'string' && body['access_token'] !== '')
            return readTokens(body);
        if (rules.refusedAt200.some((member) => body[member] != null))
            throw refusal(messageCode(body, rules) ?? 'invalid_grant', rules);
        throw new TokenEndpointError('malformed', 'no_access_token');
    }
    throw readRefusal(answer, body, rules);
}
function readRefusal(answer, body, rules) {
    const { status, headers } = answer;
    const retryAfter = readRetryAfter(headers.get('retry-after'));
    const challenge = headers.get('www-authenticate') ?? '';
    if (status < 400 || status >= 500)
        return new TokenEndpointError('transient', `http_${status}`, retryAfter);
    const named = body?.['error'] ?? /\berror="?([\w.-]{1,64})"?/.exec(challenge)?.[1];
    const code = (body && messageCode(body, rules)) ?? (typeof named === 'string' ? named : undefined);
    if (code !== undefined && transientCodes.has(code))
        return new TokenEndpointError('transient', code, retryAfter);
    if (code !== undefined && (rules.deadGrant.has(code) || rules.configuration.has(code)))
        return refusal(code, rules);
    if (transientStatus.has(status))
        return new TokenEndpointError('transient', `http_${status}`, retryAfter);
    if (/text\/html/i.test(headers.get('content-type') ?? '') && answer.body.trim() !== '')
        return new TokenEndpointError('transient', 'html', retryAfter);
    const { otherwise } = rules;
    if (code === undefined && otherwise && body && otherwise.members.some((member) => body[member] != null))
        return refusal(otherwise.code, rules);
    // RFC 6749 section 5.2: a 401 that asks for HTTP authentication speaks of the client, not of the grant.
    if (status === 401 && /^basic\b/i.test(challenge))
        return refusal('invalid_client', rules);
    return new TokenEndpointError('unrecognised', code === undefined ? `http_${status}` : safeCode(code));
}
/** The code that a member's exact text stands for, or one text of a list. The first match in the file counts. */
function messageCode(body, rules) {
    return rules.messages.find(({ member, is }) => [body[member]].flat().includes(is))?.code;
}
function refusal(code, rules) {
    const configuration = rules.configuration.has(code) || (code === 'invalid_client' && !rules.deadGrant.has(code));
    return new TokenEndpointError(configuration ? 'configuration' : 'dead_grant', safeCode(code));
}
function readTokens(body) {
    const type = body['token_type'] ?? 'Bearer';
    if (typeof type !== 'string' || type.toLowerCase() !== 'bearer')
        throw new TokenEndpointError('malformed', 'token_type');
    const refreshToken = optionalToken(body['refresh_token'], 'refresh_token');
    const idToken = optionalToken(body['id_token'], 'id_token');
    const scope = readScope(body['scope']);
    const expiresIn = readExpiresIn(body['expires_in']);
    const expiresAt = readNumber(body['expires_at']);
    return {
        accessToken: visible(body['access_token'], 'access_token'),
        ...(refreshToken === undefined ? {} : { refreshToken }),
        ...(idToken === undefined ? {} : { idToken }),
        ...(scope === undefined ? {} : { scope }),
        ...(expiresIn === undefined ? {} : { expiresIn }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
    };
}
function optionalToken(value, member) {
    if (value === undefined || value === null || value === '')
        return undefined;
    if (typeof value !== 'string')
        throw new TokenEndpointError('malformed', member);
    return visible(value, member);
}
/** RFC 6749 appendix A.12: visible characters only. A line break would end up in a header. */
function visible(token, member) {
    if (!/^[\x21-\x7e]+$/.test(token) || token.length > 32_768)
        throw new TokenEndpointError('malformed', member);
    return token;
}
function readScope(value) {
    const scope = Array.isArray(value) ? value.filter((each) => typeof each === 'string').join(' ') : value;
    return typeof scope === 'string' && /^[\x20-\x7e]{1,4096}$/.test(scope) ? scope.trim() : undefined;
}
function readExpiresIn(value) {
    if (value === undefined || value === null)
        return undefined;
    const seconds = Math.floor(readNumber(value) ?? NaN);
    if (!(seconds > 0))
        throw new TokenEndpointError('malformed', 'expires_in');
    return Math.min(seconds, year);
}
function readNumber(value) {
    const number = typeof value === 'string' && /^\s*\d{1,16}(\.\d{1,9})?\s*$/.test(value) ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
/** Seconds; both forms of RFC 9110 section 10.2.3. At most an hour: a server cannot silence us for good. */
export function readRetryAfter(value, now = Date.now()) {
    if (value === null)
        return undefined;
    const seconds = /^\d{1,9}$/.test(value.trim()) ? Number(value) : Math.ceil((Date.parse(value) - now) / 1000);
    return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, 3600) : undefined;
}
function safeCode(code) {
    return /^[\w.-]{1,64}$/.test(code) ? code : 'unreadable_code';
}
function parseObject(text) {
    try {
        const value = JSON.parse(text);
        if (typeof value !== 'object' || value === null || Array.isArray(value))
            return undefined;
        return value;
    }
    catch {
        return undefined;
    }
}
