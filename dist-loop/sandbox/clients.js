import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
export function createClients() {
    const clients = new Map();
    return {
        register(wanted) {
            const client = {
                id: randomBytes(16).toString('hex'),
                secret: randomBytes(32).toString('base64url'),
                redirectUris: [],
                grantTypes: ['authorization_code', 'refresh_token'],
                approved: true,
                ...wanted,
            };
            clients.set(client.id, client);
            return client;
        },
        find(realm, id) {
            const client = clients.get(id ?? '');
            return client?.realm === realm ? client : undefined;
        },
        all: () => [...clients.values()],
    };
}
/** A public client proves nothing, so it must not send a secret either. */
export function secretMatches(client, secret) {
    if (client.secret === undefined)
        return secret === undefined;
    return secret !== undefined && timingSafeEqual(digest(client.secret), digest(secret));
}
function digest(text) {
    return createHash('sha256').update(text).digest();
}
