import { claimedIdentity } from '../oauth/id-token.js';
import { TokenEndpointError } from '../oauth/token-response.js';
import { toTokenSet } from '../oauth/token-set.js';
import { reauthRequired } from './refresh-failure.js';
/** The connection with its new tokens. Throws where they belong to somebody else (OpenID Connect Core 12.2). */
export function renewed(provider, response, connection, now) {
    const at = Math.floor(now / 1000);
    if (response.idToken !== undefined && connection && provider.account.source === 'id_token') {
        const { sub } = claimedIdentity(response.idToken);
        if (sub !== undefined && connection.account.subject !== undefined && sub !== connection.account.subject)
            throw new TokenEndpointError('dead_grant', 'subject_changed');
    }
    const tokens = toTokenSet(response, provider, at, connection?.tokens);
    const rotated = response.refreshToken !== undefined && response.refreshToken !== connection?.tokens?.refreshToken;
    const { refused: _refused, ...rest } = connection ?? {
        provider: provider.id,
        ...(provider.environment === undefined ? {} : { environment: provider.environment }),
        clientId: provider.clientId,
        connectedAt: at,
        account: { label: provider.clientId },
        requestedScopes: provider.scopes,
    };
    return { ...rest, tokens, lastRefresh: { at, result: rotated ? 'rotated' : 'refreshed' } };
}
/** Tokens that another writer left since `seen`; undefined where it still is what it was. Throws where the grant is over. */
export function newerThan({ connection }, seen, provider) {
    // An application's own token is asked for anew; what cannot be read of the old one is no loss.
    if (!connection && provider.grant === 'client_credentials')
        return undefined;
    if (!connection)
        throw reauthRequired(provider);
    const before = seen?.connection;
    if (connection.refused && !before?.refused)
        throw reauthRequired(provider);
    const { tokens, refused } = connection;
    if (!tokens || refused || isSameGrant(connection, before))
        return undefined;
    return { ...connection, tokens };
}
/** Whether two records hold the outcome of one token answer, whatever else was changed in them. */
export function isSameGrant(one, other) {
    const [a, b] = [one?.tokens, other?.tokens];
    if (!a || !b || Boolean(one?.refused) !== Boolean(other?.refused))
        return false;
    // A server may hand out the same access token again, with a longer life or another refresh token.
    return a.accessToken === b.accessToken && a.refreshToken === b.refreshToken && a.obtainedAt === b.obtainedAt;
}
