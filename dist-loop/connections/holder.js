import { applicationTag, connectionKey, sessionKey } from '../store/keys.js';
export function sessionHolder(provider, tag, ttlMs) {
    const guards = [{ key: sessionKey(tag), exists: true }];
    return { provider, tag, key: connectionKey(tag, provider.id), guards, ttlMs };
}
/** The operator's own application (client credentials): one record for all users, tied to no session. */
export function applicationHolder(provider) {
    const tag = applicationTag(provider.id);
    const day = 86_400_000;
    return { provider, tag, key: connectionKey(tag, provider.id), guards: [], ttlMs: () => day };
}
