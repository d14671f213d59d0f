import { buildConnector, Pool } from 'undici';
export function createUpstreamPools(options) {
    const upstreams = new Map();
    // A provider's base URL is one object, and its origin is put together anew whenever it is asked for.
    let byUrl = new WeakMap();
    return {
        at(baseUrl) {
            const known = byUrl.get(baseUrl);
            if (known !== undefined)
                return known;
            const upstream = upstreams.get(baseUrl.origin) ?? createUpstream(baseUrl.origin, options);
            upstreams.set(baseUrl.origin, upstream);
            byUrl.set(baseUrl, upstream);
            return upstream;
        },
        async close() {
            const closing = [...upstreams.values()].map(({ pool }) => pool.close());
            upstreams.clear();
            byUrl = new WeakMap();
            await Promise.all(closing);
        },
    };
}
function createUpstream(origin, options) {
    const moment = { fresh: false, failing: false };
    const pool = new Pool(origin, {
        connections: options.connections ?? 256,
        pipelining: 1,
        headersTimeout: options.headersTimeoutMs ?? 60_000,
        bodyTimeout: options.bodyTimeoutMs ?? 300_000,
        maxHeaderSize: 32_768,
        connect: observedConnector(moment, options),
    });
    return { pool, moment };
}
/** undici starts the first request of a connection, and ends a body on a reset, within the callbacks watched here. */
function observedConnector(moment, options) {
    const connect = buildConnector({ ...options.tls, timeout: options.connectTimeoutMs ?? 10_000 });
    return (target, callback) => {
        connect(target, (...[error, socket]) => {
            if (error !== null) {
                callback(error, null);
                return;
            }
            socket.on('error', () => {
                moment.failing = true;
                queueMicrotask(() => (moment.failing = false));
            });
            moment.fresh = true;
            callback(null, socket);
            moment.fresh = false;
        });
    };
}
