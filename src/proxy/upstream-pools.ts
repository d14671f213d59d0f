import { buildConnector, Pool } from 'undici';
import type { SecureContextOptions } from 'node:tls';
import { followRequests, passOverInterimAnswers } from '../http/interim-responses.js';

export interface UpstreamOptions {
  /** Connections per origin (256). Calls beyond that wait their turn. */
  connections?: number | undefined;
  /** Milliseconds to connect, TLS included (10,000). */
  connectTimeoutMs?: number | undefined;
  /** Milliseconds from the call to the upstream's header (60,000). */
  headersTimeoutMs?: number | undefined;
  /** Milliseconds without a byte of the upstream's body (300,000). */
  bodyTimeoutMs?: number | undefined;
  /** Further certification authorities, client certificates and the like. */
  tls?: SecureContextOptions | undefined;
}

/**
 * What the moment tells about a connection, and no handler is told: valid only during the call that it is read in.
 * `fresh`: the request that starts now is the first on its connection. `failing`: the connection is being reset now, so
 * that a body which ends at this moment was cut off, even if nothing announced its length. `reason`: the reason phrase of
 * the answer that starts now.
 */
export interface ConnectionMoment {
  fresh: boolean;
  failing: boolean;
  reason: string;
}

export interface Upstream {
  readonly pool: Pool;
  readonly moment: Readonly<ConnectionMoment>;
}

export interface UpstreamPools {
  /** The connections to the origin of a base URL, made at the first call. */
  at(baseUrl: URL): Upstream;
  /** Lets calls under way finish and closes the connections. */
  close(): Promise<void>;
}

export function createUpstreamPools(options: UpstreamOptions): UpstreamPools {
  const upstreams = new Map<string, Upstream>();
  const unfollow = followRequests();
  // A provider's base URL is one object, and its origin is put together anew whenever it is asked for.
  let byUrl = new WeakMap<URL, Upstream>();
  return {
    at(baseUrl) {
      const known = byUrl.get(baseUrl);
      if (known !== undefined) return known;
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
      unfollow();
    },
  };
}

function createUpstream(origin: string, options: UpstreamOptions): Upstream {
  const moment: ConnectionMoment = { fresh: false, failing: false, reason: '' };
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
function observedConnector(moment: ConnectionMoment, options: UpstreamOptions): buildConnector.connector {
  const connect = buildConnector({ ...options.tls, timeout: options.connectTimeoutMs ?? 10_000 });
  return (target, callback) => {
    connect(target, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null);
        return;
      }
      const failing = (): void => {
        moment.failing = true;
        queueMicrotask(() => (moment.failing = false));
      };
      socket.on('error', failing);
      // A reset that comes together with the last bytes is reported as an end; only a connection that is gone has no peer.
      socket.on('end', () => socket.remoteAddress === undefined && failing());
      passOverInterimAnswers(socket, options.headersTimeoutMs ?? 60_000, (reason) => (moment.reason = reason));
      moment.fresh = true;
      callback(null, socket);
      moment.fresh = false;
    });
  };
}
