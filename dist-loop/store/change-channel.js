import { Redis } from 'ioredis';
import { recordPrefix } from './keys.js';
import { openRedisClient } from './redis-client.js';
import { failureCode } from './redis-failure.js';
import { reviveClient } from './revive-client.js';
const invalidations = '__redis__:invalidate';
/**
 * A connection of its own on which Redis reports changes (client-side caching: CLIENT TRACKING in broadcasting mode). The
 * client library drops RESP3's push messages, so that the reports are taken in the older form: the connection names
 * itself as the one to report to and subscribes to them. Undefined for a cluster, where each node reports its own keys.
 */
export function openChangeChannel(address, options) {
    if (address.kind === 'cluster')
        return undefined;
    const { log, onChange } = options;
    const client = openRedisClient(address, {
        ...options,
        name: 'gatehouse-changes',
        detectFailover: false,
    });
    if (!(client instanceof Redis))
        return undefined;
    const endClient = reviveClient(client);
    let up = false;
    let silent = false;
    const lost = () => {
        up = false;
        onChange(undefined);
    };
    const follow = async () => {
        const id = await client.client('ID');
        await client.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', String(id), 'BCAST', 'PREFIX', recordPrefix);
        await client.subscribe(invalidations);
        onChange(undefined);
        up = true;
    };
    client.on('ready', () => {
        follow().catch((error) => {
            // Without it every read asks the store. A Redis before 6, or a user who may not subscribe.
            if (!silent && client.status === 'ready')
                log.warn('store.changes_unknown', { code: failureCode(error) });
            silent = true;
        });
    });
    client.on('close', lost);
    // The store's own connection tells of what is wrong with Redis.
    client.on('error', () => undefined);
    client.on('messageBuffer', (_channel, keys) => onChange(keys?.map((key) => key.toString())));
    return {
        isUp: () => up,
        close() {
            up = false;
            silent = true;
            endClient();
        },
    };
}
