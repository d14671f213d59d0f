import { ClientSecretPost, None } from 'openid-client';
/** How the client proves itself at the token endpoint (RFC 6749 section 2.3.1). */
export function clientAuthentication({ clientAuthentication: method, clientId, clientSecret = '', }) {
    switch (method) {
        case 'none':
            return None();
        case 'client_secret_post':
            return ClientSecretPost(clientSecret);
        case 'client_secret_basic':
            return basic(`${formEncode(clientId)}:${formEncode(clientSecret)}`);
        case 'client_secret_basic_raw':
            return basic(`${clientId}:${clientSecret}`);
    }
}
function basic(userinfo) {
    return (_server, _client, _body, headers) => headers.set('authorization', `Basic ${Buffer.from(userinfo, 'utf8').toString('base64')}`);
}
/**
 * application/x-www-form-urlencoded, which leaves `*-._` as they are: a server that decodes reads the same, and one that
 * forgets to decode still reads most secrets.
 */
function formEncode(value) {
    return new URLSearchParams([['', value]]).toString().slice(1);
}
