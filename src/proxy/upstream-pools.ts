import type { SecureContextOptions } from 'node:tls';
import { LRUCache } from 'lru-cache';
import type { Dispatcher } from 'undici';
import type { ClientTls } from '../http/client.js';
import { createDispatcher, type ProxySettings } from '../http/dispatcher.js';
import { followRequests, passOverInterimAnswers } from '../http/interim-responses.js';
import { createPlaces, type Places, type PlacesOptions } from './places.js';

export interface UpstreamOptions extends Omit<PlacesOptions, 'size'> {
  /** Connections per origin, and so calls under way there (256). Calls beyond that wait their turn. */
  connections?: number | undefined;
  /** Milliseconds to connect to each address of the origin, TLS included (10,000). */
  connectTimeoutMs?: number | undefined;
  /** Milliseconds from the call to the upstream's header (60,000). */
  headersTimeoutMs?: number | undefined;
  /** Milliseconds without a byte of the upstream's body (300,000). */
  bodyTimeoutMs?: number | undefined;
  /** Further certification authorities, client certificates and the like. */
  tls?: SecureContextOptions | undefined;
  /** The way out of this network. */
  proxies?: ProxySettings | undefined;
  /** Hosts that must have public addresses only, and are reached without a proxy. */
  isVariableHost?: ((hostname: string) => boolean) | undefined;
}

/**
 * What the moment tells about a connection, and undici tells no handler: valid only during the call that it is read in.
 * `fresh`: the request that starts now is the first on its connection. `failing`: the connection is being reset now, so
 * that a body which ends at this moment was cut off, even if nothing announced its length. `reason`: the reason phrase of
 * the response that starts now.
 */
export interface ConnectionMoment {
  fresh: boolean;
  failing: boolean;
  reason: string;
}

type Send = (options: Omit<Dispatcher.DispatchOptions, 'origin'>, handler: Dispatcher.DispatchHandler) => void;

export interface Upstream {
  readonly send: Send;
  readonly places: Places;
  readonly moment: Readonly<ConnectionMoment>;
}

export interface UpstreamPools {
  /**
   * The connections to the origin of a base URL, made at the first call; with a client's certificate, connections of its own.
   * One base URL, as an object, always comes with the same certificate.
   */
  at(baseUrl: URL, certificate?: ClientTls): Upstream;
  /** Lets calls under way finish and closes the connections. */
  close(): Promise<void>;
}

/** Bytes of a response's head that undici reads: above our own limit, which then decides. */
const maxHeaderSize = 32_768;
/** Hosts of customers to which connections are kept. */
const maxCustomerHosts = 1_000;

export function createUpstreamPools(options: UpstreamOptions): UpstreamPools {
  const upstreams = new Map<string, Upstream & { close(): Promise<void> }>();
  // Each customer may have a host of their own. What is pushed out closes by itself: its connections end when they rest.
  const customers = new LRUCache<string, Upstream & { close(): Promise<void> }>({ max: maxCustomerHosts });
  const upstreamsOf = ({ hostname }: URL) => (options.isVariableHost?.(hostname) ? customers : upstreams);
  const unfollow = followRequests();
  // A provider's base URL is one object, and its origin is put together at each read.
  let byUrl = new WeakMap<URL, Upstream>();
  return {
    at(baseUrl, certificate) {
      const made = byUrl.get(baseUrl);
      if (made !== undefined) return made;
      const key = `${baseUrl.origin} ${numberOf(certificate)}`;
      const tls = certificate ? { ...options.tls, ...certificate } : options.tls;
      const known = upstreamsOf(baseUrl);
      const upstream = known.get(key) ?? createUpstream(baseUrl.origin, { ...options, tls });
      known.set(key, upstream);
      byUrl.set(baseUrl, upstream);
      return upstream;
    },
    async close() {
      const closing = [...upstreams.values(), ...customers.values()].map((upstream) => upstream.close());
      upstreams.clear();
      customers.clear();
      byUrl = new WeakMap();
      await Promise.all(closing);
      unfollow();
    },
  };
}

const certificates = new WeakMap<ClientTls, number>();
let numbered = 0;

/** Tells certificates apart; 0 is none. */
function numberOf(certificate: ClientTls | undefined): number {
  if (!certificate) return 0;
  const known = certificates.get(certificate) ?? (numbered += 1);
  certificates.set(certificate, known);
  return known;
}

function createUpstream(origin: string, options: UpstreamOptions): Upstream & { close(): Promise<void> } {
  const moment: ConnectionMoment = { fresh: false, failing: false, reason: '' };
  const { connections = 256, headersTimeoutMs = 60_000, isVariableHost } = options;
  const proxies = isVariableHost?.(new URL(origin).hostname) ? undefined : options.proxies;
  const dispatcher = createDispatcher(
    {
      connections,
      pipelining: 1,
      headersTimeout: headersTimeoutMs,
      bodyTimeout: options.bodyTimeoutMs ?? 300_000,
      maxHeaderSize,
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
      tls: options.tls,
      proxies,
      isVariableHost,
      // undici starts the first request of a connection, and ends a body on a reset, within the callbacks watched here.
      prepare: (socket, use) => {
        const failing = (): void => {
          moment.failing = true;
          queueMicrotask(() => (moment.failing = false));
        };
        socket.on('error', failing);
        // A reset that comes together with the last bytes is reported as an end; only a connection that is gone has no peer.
        socket.on('end', () => socket.remoteAddress === undefined && failing());
        passOverInterimAnswers(socket, headersTimeoutMs, (reason) => (moment.reason = reason));
        moment.fresh = true;
        use();
        moment.fresh = false;
      },
    },
    origin,
  );
  const send: Send = proxies
    ? ({ headers, ...rest }, handler) =>
        void dispatcher.dispatch({ ...rest, origin, headers: byName(headers as readonly string[]) }, handler)
    : (request, handler) => void dispatcher.dispatch(request, handler);
  const places = createPlaces({ size: connections, maxWaitMs: options.maxWaitMs, maxWaiting: options.maxWaiting });
  return { send, places, moment, close: () => dispatcher.close() };
}

/** undici's agent for proxies keeps one line of each name in a flat list, and all of them in this form. */
function byName(flat: readonly string[]): Record<string, string[]> {
  const headers = new Map<string, string[]>();
  for (let at = 0; at < flat.length; at += 2) {
    const name = flat[at] ?? '';
    headers.set(name, [...(headers.get(name) ?? []), flat[at + 1] ?? '']);
  }
  return Object.fromEntries(headers);
}
