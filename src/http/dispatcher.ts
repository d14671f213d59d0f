import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { Agent, EnvHttpProxyAgent, Pool, type buildConnector, type Dispatcher } from 'undici';
import { createConnector } from './connect.js';

/** The proxies of the environment (HTTP_PROXY, HTTPS_PROXY, NO_PROXY) through which requests leave. */
export interface ProxySettings {
  http: string;
  https: string;
  /** Names that are reached without. */
  no: string;
}

export interface DispatcherOptions extends Omit<Pool.Options, 'connect' | 'factory' | 'tls'> {
  connectTimeoutMs: number;
  tls?: SecureContextOptions | undefined;
  proxies?: ProxySettings | undefined;
  /** Makes a new connection ready, and calls `use` for its first request. */
  prepare: (socket: Socket, use: () => void) => void;
}

/** Dispatches to any origin, or to the one of `origin`, which costs less where no proxy stands between. */
export function createDispatcher(options: DispatcherOptions, origin?: string): Dispatcher {
  const { connectTimeoutMs, tls, proxies, prepare, ...pool } = options;
  const direct = createConnector({ timeoutMs: connectTimeoutMs, tls });
  if (proxies === undefined) {
    const connect = prepared(direct, prepare);
    return origin === undefined ? new Agent({ ...pool, connect }) : new Pool(origin, { ...pool, connect });
  }
  return new EnvHttpProxyAgent({
    ...pool,
    connect: direct,
    httpProxy: proxies.http,
    httpsProxy: proxies.https,
    noProxy: proxies.no,
    proxyTls: { ...tls, timeout: connectTimeoutMs },
    requestTls: { ...tls, timeout: connectTimeoutMs },
    // Whether straight or through a tunnel: it is the connection to the origin.
    factory: (to, made: Pool.Options) =>
      new Pool(to, { ...made, connect: prepared(made.connect as buildConnector.connector, prepare) }),
  });
}

function prepared(connect: buildConnector.connector, prepare: DispatcherOptions['prepare']): buildConnector.connector {
  return (target, callback) => {
    connect(target, (...[error, socket]) => {
      if (error !== null) callback(error, null);
      else prepare(socket, () => callback(null, socket));
    });
  };
}
