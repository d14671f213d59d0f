import { setTimeout as wait } from 'node:timers/promises';
import { GatehouseError } from '../errors.js';
import { StoreUnavailableError } from '../store/store.js';
import { askApi } from '../oauth/api-request.js';
import { isExpired, isFresh } from '../oauth/token-set.js';
import { createRejections } from './rejections.js';
import { reauthRequired, notConnected } from './refresh-failure.js';
/** Milliseconds that a call waits for a renewal while its old token still is good. */
const renewalPatience = 2_000;
export function createAccess({ store, connections, refresher, http, log, now }) {
    const rejections = createRejections(now);
    const usable = async (holder, stored) => {
        const { provider } = holder;
        const renewable = provider.grant === 'client_credentials';
        if (!stored && !renewable)
            throw notConnected(provider);
        const connection = stored?.connection;
        if (stored && !connection && !renewable)
            throw reauthRequired(provider);
        const tokens = connection?.tokens;
        if (connection?.refused) {
            const retry = connection.refused.retryAt !== undefined && now() / 1000 >= connection.refused.retryAt;
            if (!retry || tokens?.refreshToken === undefined)
                throw reauthRequired(provider);
            return refresher.refresh(holder, stored);
        }
        if (stored && connection && tokens && isFresh(tokens, now() / 1000)) {
            if (stored.agedKey)
                sealAgain(holder, stored);
            return { ...connection, tokens };
        }
        const old = tokens && !isExpired(tokens, now() / 1000) ? { ...connection, tokens } : undefined;
        if (!renewable && tokens?.refreshToken === undefined) {
            if (!old)
                throw reauthRequired(provider);
            return old;
        }
        const renewal = refresher.refresh(holder, stored);
        return old ? renewedInTime(renewal, old) : renewal;
    };
    /** The old token serves while it lives, whatever keeps the new one away; only the end of the grant ends it, too. */
    const renewedInTime = async (renewal, old) => {
        const late = new AbortController();
        const inTime = wait(renewalPatience, undefined, { signal: late.signal }).catch(() => undefined);
        try {
            return (await Promise.race([renewal, inTime])) ?? (isExpired(old.tokens, now() / 1000) ? await renewal : old);
        }
        catch (error) {
            if (!saysNothingOfGrant(error) || isExpired(old.tokens, now() / 1000))
                throw error;
            return old;
        }
        finally {
            late.abort();
            renewal.catch(() => undefined);
        }
    };
    const sealAgain = ({ key, guards, ttlMs }, stored) => {
        if (!stored.connection)
            return;
        const value = connections.seal(key, stored.connection);
        store.commit([connections.unchanged(stored), ...guards], [{ key, value, ttlMs: ttlMs() }]).catch(() => undefined);
    };
    const afterRejection = async (holder, rejected) => {
        const { provider, key } = holder;
        const stored = await connections.read(holder.tag, provider.id);
        const tokens = stored?.connection?.tokens;
        if (!stored?.connection || !tokens || stored.connection.refused)
            return undefined;
        const { accessToken } = tokens;
        if (accessToken !== rejected.tokens.accessToken)
            return { ...stored.connection, tokens };
        if (rejections.isInVain(key, accessToken))
            return undefined;
        const { authProbe } = provider.api;
        if (authProbe && !(await rejections.ask(key, accessToken, () => isRefused(provider, authProbe, accessToken))))
            return undefined;
        if (tokens.refreshToken === undefined && provider.grant !== 'client_credentials') {
            if (authProbe)
                await markRefused(holder, stored);
            return undefined;
        }
        try {
            const renewed = await refresher.refresh(holder, stored);
            if (renewed.tokens.accessToken === accessToken)
                return undefined;
            rejections.replaced(key, renewed.tokens.accessToken);
            return renewed;
        }
        catch (error) {
            if (saysNothingOfGrant(error))
                return undefined;
            throw error;
        }
    };
    /** Where a failure status has another meaning, too, the provider's own test call decides whether the token is at fault. */
    const isRefused = async (provider, probe, accessToken) => {
        try {
            const { status } = await askApi(http, provider, probe, accessToken);
            return provider.api.authFailureStatus.includes(status);
        }
        catch {
            return false;
        }
    };
    /** A token that cannot be renewed and is refused has ended early: the person has to connect again. */
    const markRefused = async ({ provider, key, guards, ttlMs }, stored) => {
        if (!stored.connection)
            throw reauthRequired(provider);
        const { tokens: _ended, ...rest } = stored.connection;
        const value = connections.seal(key, { ...rest, refused: { at: Math.floor(now() / 1000) } });
        await store.commit([connections.unchanged(stored), ...guards], [{ key, value, ttlMs: ttlMs() }]);
        log.warn('connection.ended_early', { provider: provider.id });
        throw reauthRequired(provider);
    };
    return { usable, afterRejection, accepted: ({ key }) => rejections.accepted(key) };
}
function saysNothingOfGrant(error) {
    if (error instanceof StoreUnavailableError)
        return true;
    const passing = ['refresh_unavailable', 'provider_misconfigured'];
    return error instanceof GatehouseError && passing.includes(error.code);
}
