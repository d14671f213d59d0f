import { setTimeout as wait } from 'node:timers/promises';
import { faultPoint } from '../fault-points.js';
import { lockKey, pauseKey } from '../store/keys.js';
import { takeLock } from './lock.js';
import { leftAlone, notConnected, reauthRequired, unavailable } from './refresh-failure.js';
import { readPause } from './pause.js';
import { createRenewalOutcomes } from './renewal-outcomes.js';
import { newerThan, renewed } from './renewed-connection.js';
/** Milliseconds that a request waits for another process's refresh. */
const patience = 25_000;
/** Milliseconds that requests wait for a store that does not take the new tokens before they are told. */
const storePatience = 500;
export function createRefresher(dependencies) {
    const { store, connections, directory, grants, now } = dependencies;
    const outcomes = createRenewalOutcomes(dependencies);
    const running = new Map();
    const run = async (holder, seen, onStoreTrouble) => {
        const deadline = performance.now() + patience;
        while (performance.now() < deadline) {
            const lock = await takeLock(store, holder.tag, holder.provider.id);
            if (lock) {
                const connection = await renewHolding(holder, seen, lock, onStoreTrouble).finally(() => lock.release());
                if (connection)
                    return connection;
                continue;
            }
            const written = await waitForHolder(holder, seen, deadline);
            const newer = written && newerThan(written, seen, holder.provider);
            if (newer)
                return newer;
        }
        throw unavailable(holder.provider, 2);
    };
    /** Waits until the other process has written a new record; undefined when it let go without one. */
    const waitForHolder = async (holder, seen, deadline) => {
        const { tag, provider, key } = holder;
        for (let pause = 25; performance.now() < deadline; pause = Math.min(200, pause * 1.5)) {
            await wait(pause);
            const [sealed, lock] = await store.getMany([key, lockKey(tag, provider.id)]);
            if (!sealed && seen)
                throw notConnected(provider);
            if (sealed && !seen?.sealed.equals(sealed))
                return connections.open(key, sealed);
            if (!lock)
                return undefined;
        }
        return undefined;
    };
    /** Undefined when the lock was lost on the way and nothing came of it. */
    const renewHolding = async (holder, seen, lock, onStoreTrouble) => {
        const { provider, tag, key } = holder;
        const [sealed, paused] = await store.getMany([key, pauseKey(tag, provider.id)]);
        const stored = sealed && connections.open(key, sealed);
        if (!stored && seen)
            throw notConnected(provider);
        const newer = stored && newerThan(stored, seen, provider);
        if (newer)
            return newer;
        const pause = readPause(paused);
        if (pause && pause.until > now())
            throw leftAlone(provider, pause, now());
        try {
            const server = await directory.get(provider);
            if (!(await lock.confirm()))
                return undefined;
            faultPoint('refresh.locked');
            const response = await ask(provider, server, stored?.connection);
            faultPoint('refresh.answered');
            if (pause)
                await store.commit([], [{ key: pauseKey(tag, provider.id), delete: true }]).catch(() => undefined);
            const build = (current) => renewed(provider, response, current, now());
            return await outcomes.save(holder, stored, build, onStoreTrouble);
        }
        catch (error) {
            return outcomes.fail(holder, stored, lock, error);
        }
    };
    const ask = async (provider, server, connection) => {
        if (provider.grant === 'client_credentials')
            return grants.clientCredentials(provider, server);
        const refreshToken = connection?.tokens?.refreshToken;
        if (refreshToken === undefined)
            throw reauthRequired(provider);
        return grants.refreshToken(provider, server, refreshToken);
    };
    const start = (holder, seen) => {
        let onStoreTrouble = () => undefined;
        const storeTrouble = new Promise((resolve) => (onStoreTrouble = resolve));
        const work = run(holder, seen, onStoreTrouble).finally(() => running.delete(holder.key));
        // The asking request may be gone; whoever waits still sees the failure.
        work.catch(() => undefined);
        return { work, storeTrouble };
    };
    const toldInTime = ({ work, storeTrouble }) => {
        const told = storeTrouble.then(async (error) => {
            await wait(storePatience);
            throw error;
        });
        return Promise.race([work, told]);
    };
    return {
        refresh: (holder, seen) => {
            const known = running.get(holder.key) ?? start(holder, seen);
            running.set(holder.key, known);
            return toldInTime(known);
        },
        settled: async () => {
            while (running.size > 0)
                await Promise.allSettled([...running.values()].map(({ work }) => work));
        },
    };
}
