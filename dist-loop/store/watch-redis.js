import { Cluster } from 'ioredis';
import { failureCode } from './redis-failure.js';
/** Tells the state what happens to the connection. */
export function watchRedis(client, state, log) {
    client.on('ready', () => state.ready());
    client.on('close', () => state.failed('CLOSED'));
    client.on('error', (error) => {
        const code = failureCode(error);
        state.failed(code);
        // The client would go on in database 0, where somebody else's keys may live.
        if (code === 'DBINDEX')
            client.disconnect(true);
    });
    if (client instanceof Cluster)
        watchNodes(client, log);
}
/** Logs a node of a cluster once when it fails, and again only after it was well. */
function watchNodes(cluster, log) {
    const failing = new Set();
    cluster.on('node error', (error, node) => {
        if (!failing.has(node))
            log.warn('store.node_lost', { node, code: failureCode(error) });
        failing.add(node);
    });
    cluster.on('+node', (node) => {
        node.once('ready', () => failing.delete(`${node.options.host ?? ''}:${node.options.port ?? ''}`));
    });
}
