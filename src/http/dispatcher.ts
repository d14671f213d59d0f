import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import { Agent, Dispatcher, EnvHttpProxyAgent, Pool, type buildConnector } from 'undici';
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
  /** Hosts that must have public addresses only, and are reached without a proxy. */
  isVariableHost?: ((hostname: string) => boolean) | undefined;
  /** Makes a new connection ready, and calls `use` for its first request. */
  prepare: (socket: Socket, use: () => void) => void;
}

/** Dispatches to any origin, or to the one of `origin`, which costs less where no proxy stands between. */
export function createDispatcher(options: DispatcherOptions, origin?: string): Dispatcher {
  const { isVariableHost, ...rest } = options;
  if (!isVariableHost) return plainDispatcher(rest, origin);
  if (origin !== undefined)
    return isVariableHost(hostnameOf(origin)) ? guardedDispatcher(rest, origin) : plainDispatcher(rest, origin);
  return new DispatcherByHost(plainDispatcher(rest), guardedDispatcher(rest), isVariableHost);
}

type Options = Omit<DispatcherOptions, 'isVariableHost'>;

/** To hosts that a connection's value has led to. The operator's proxy would judge names by its own network. */
function guardedDispatcher(
  { connectTimeoutMs, tls, proxies: _none, prepare, ...pool }: Options,
  origin?: string,
): Dispatcher {
  const connect = prepared(createConnector({ timeoutMs: connectTimeoutMs, tls, globalOnly: true }), prepare);
  return origin === undefined ? new Agent({ ...pool, connect }) : new Pool(origin, { ...pool, connect });
}

function plainDispatcher(options: Options, origin?: string): Dispatcher {
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

/** Sends each request by its host: nobody who makes one can forget to. */
class DispatcherByHost extends Dispatcher {
  constructor(
    private readonly plain: Dispatcher,
    private readonly guarded: Dispatcher,
    private readonly isVariableHost: (hostname: string) => boolean,
  ) {
    super();
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const isVariable = this.isVariableHost(hostnameOf(options.origin ?? ''));
    return (isVariable ? this.guarded : this.plain).dispatch(options, handler);
  }

  override close(): Promise<void>;
  override close(callback: () => void): void;
  override close(callback?: () => void): Promise<void> | undefined {
    return settle(Promise.all([this.plain.close(), this.guarded.close()]), callback);
  }

  override destroy(error?: Error | null): Promise<void>;
  override destroy(callback: () => void): void;
  override destroy(error: Error | null, callback: () => void): void;
  override destroy(error?: Error | null | (() => void), callback?: () => void): Promise<void> | undefined {
    const [reason, done] = typeof error === 'function' ? [null, error] : [error ?? null, callback];
    return settle(Promise.all([this.plain.destroy(reason), this.guarded.destroy(reason)]), done);
  }
}

function settle(ended: Promise<unknown>, callback: (() => void) | undefined): Promise<void> | undefined {
  const done = ended.then(() => undefined);
  if (!callback) return done;
  void done.then(callback);
  return undefined;
}

function hostnameOf(origin: string | URL): string {
  const text = origin.toString();
  return URL.canParse(text) ? new URL(text).hostname : '';
}
