/** What a client says of itself at the token endpoint, in the header or in the form (RFC 6749 section 2.3.1). */
export function clientCredentials(req, body) {
    const basic = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(req.get('authorization') ?? '')?.[1];
    if (basic === undefined)
        return { id: body.get('client_id'), secret: body.get('client_secret'), method: 'post' };
    const text = Buffer.from(basic, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (colon < 0)
        return { id: undefined, secret: undefined, method: 'basic' };
    return { id: decoded(text.slice(0, colon)), secret: decoded(text.slice(colon + 1)), method: 'basic' };
}
function decoded(text) {
    try {
        return decodeURIComponent(text.replaceAll('+', ' '));
    }
    catch {
        return text;
    }
}
