import { GatehouseError } from '../errors.js';
/**
 * The request target for the upstream: what follows the mount (`/proxy/acme`) in the raw request target, below the path
 * of the provider's base URL. Bytes are kept as they came: nothing is decoded, encoded or normalised, the query
 * included. The mount itself, with or without its slash, is the base path verbatim; deeper paths join with one slash.
 * Throws `invalid_request` for whatever could leave the base path on the other side, however it is spelt.
 */
export function upstreamPath(rawUrl, mountPrefix, basePath) {
    const rest = belowMount(rawUrl, mountPrefix);
    const base = basePath === '' ? '/' : basePath;
    const end = pathEnd(rest);
    if (end <= 1)
        return base + rest.slice(end);
    return base.endsWith('/') ? base + rest.slice(1) : base + rest;
}
/** The raw path below the mount, without the query and with a leading slash: what the routes of a provider file name. */
export function pathBelowMount(rawUrl, mountPrefix) {
    const rest = belowMount(rawUrl, mountPrefix);
    return rest.slice(0, pathEnd(rest)) || '/';
}
function belowMount(rawUrl, mountPrefix) {
    const next = rawUrl[mountPrefix.length];
    if (!rawUrl.startsWith(mountPrefix) || (next !== undefined && next !== '/' && next !== '?'))
        throw refused();
    const rest = rawUrl.slice(mountPrefix.length);
    if (needsCloserLook(rest))
        refuseTraversal(rest.slice(0, pathEnd(rest)));
    return rest;
}
function pathEnd(target) {
    const question = target.indexOf('?');
    return question === -1 ? target.length : question;
}
const question = 0x3f;
const backslash = 0x5c;
const fragment = 0x23;
const dot = 0x2e;
const percent = 0x25;
/**
 * One pass over the characters. Whatever no request target may hold is refused (RFC 3986 section 2); true when the path
 * holds a dot or a percent sign, so that most paths cost no more than this.
 */
function needsCloserLook(target) {
    let inPath = true;
    let suspicious = false;
    for (let at = 0; at < target.length; at += 1) {
        const code = target.charCodeAt(at);
        if (code <= 0x20 || code >= 0x7f || code === fragment)
            throw refused();
        if (!inPath)
            continue;
        if (code === question)
            inPath = false;
        else if (code === backslash)
            throw refused();
        else if (code === dot || code === percent)
            suspicious = true;
    }
    return suspicious;
}
/** Dot segments in any spelling, also encoded several times over, and encoded control characters. */
function refuseTraversal(path) {
    let text = path;
    for (let depth = 0; depth < 4; depth += 1) {
        if (hasDotSegment(text))
            throw refused();
        if (!text.includes('%'))
            return;
        const decoded = decodeOnce(text, depth === 0);
        if (decoded === text)
            return;
        text = decoded;
    }
}
/** Percent-decoding to bytes, as Latin-1. `strict`: a percent sign that begins no escape is refused, and a control character. */
function decodeOnce(text, strict) {
    const parts = text.split('%');
    let decoded = parts[0] ?? '';
    for (let index = 1; index < parts.length; index += 1) {
        const part = parts[index] ?? '';
        const code = hexByte(part);
        if (code === undefined) {
            if (strict)
                throw refused();
            decoded += `%${part}`;
            continue;
        }
        if (strict && (code < 0x20 || code === 0x7f))
            throw refused();
        decoded += String.fromCharCode(code) + part.slice(2);
    }
    // The overlong UTF-8 forms of dot, slash and backslash, which careless decoders still read as such.
    return decoded.replaceAll('\xc0\xae', '.').replaceAll('\xc0\xaf', '/').replaceAll('\xc1\x9c', '\\');
}
function hexByte(text) {
    const digits = text.slice(0, 2);
    return /^[0-9a-fA-F]{2}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}
/** Slash and backslash both separate here, and a path parameter (`..;x`) does not make a segment another one. */
function hasDotSegment(text) {
    for (const segment of text.split(/[/\\]/)) {
        const semicolon = segment.indexOf(';');
        const name = semicolon === -1 ? segment : segment.slice(0, semicolon);
        if (name === '.' || name === '..')
            return true;
    }
    return false;
}
function refused() {
    return new GatehouseError('invalid_request', 'The path of this call cannot be passed on');
}
