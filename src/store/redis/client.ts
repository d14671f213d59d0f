import { Cluster, Redis } from 'ioredis';
import type { Socket as NetStream } from 'node:net';
import { compact } from '../../compact.js';
import type { RedisAddress, RedisPlace } from './url.js';

/** All that the rest of Gatehouse knows of the client library. */
export type RedisClient = Redis | Cluster;

export interface RedisClientOptions extends Pick<RedisPlace, 'ca' | 'sentinelUsername' | 'sentinelPassword'> {
  /** How long the server may stay silent when it owes an answer. */
  silenceMs: number;
  /** What the server lists the connection as: `gatehouse`. */
  name?: string;
  /** Whether the sentinels are listened to, besides being asked where the master is: true. */
  detectFailover?: boolean;
}

const connectTimeoutMs = 1000;
const readonlyPauseMs = 2000;

/**
 * Nothing is queued while there is no connection and nothing is sent twice, so that a call fails at once rather than
 * hang or be made unnoticed later. A connection that stays silent after a command is given up and made anew.
 */
export function openRedisClient(address: RedisAddress, options: RedisClientOptions): RedisClient {
  if (address.kind === 'cluster') return new Cluster(address.nodes, clusterOptions(address, options));
  const base = {
    ...connectionOptions(address, options),
    enableOfflineQueue: false,
    retryStrategy: retryDelay,
    reconnectOnError: leaveReplica(),
  };
  if (address.kind === 'single') return hearAllErrors(new Redis({ ...base, ...address.nodes[0], db: address.db }));
  const client = new Redis({
    ...base,
    sentinels: address.nodes,
    name: address.master,
    failoverDetector: options.detectFailover ?? true,
    sentinelCommandTimeout: connectTimeoutMs,
    sentinelRetryStrategy: retryDelay,
    sentinelReconnectStrategy: retryDelay,
    ...compact({ sentinelUsername: options.sentinelUsername, sentinelPassword: options.sentinelPassword }),
    ...(address.tls ? { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(options) } : {}),
  });
  return hearAllErrors(client);
}

/**
 * ioredis listens to a socket's first error only. A TLS connection can fail twice, by our refusal of the certificate and by the
 * server's alert to it, and an error that nobody hears ends the process.
 */
function hearAllErrors(client: Redis): Redis {
  return client.on('connecting', () => {
    setImmediate(() => (client.stream as NetStream | undefined)?.on('error', () => undefined));
  });
}

function connectionOptions(address: RedisAddress, options: RedisClientOptions) {
  return {
    ...compact({
      username: address.username,
      password: address.password,
      tls: address.tls ? tlsOptions(options) : undefined,
    }),
    protocol: 2 as const,
    disableClientInfo: true,
    connectionName: options.name ?? 'gatehouse',
    connectTimeout: connectTimeoutMs,
    socketTimeout: options.silenceMs,
    disconnectTimeout: 100,
    keepAlive: 5000,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    maxLoadingRetryTime: 250,
  };
}

/** A node's own queue stays on: it holds what arrives while the node is being connected, which is a second at most. */
function clusterOptions(address: RedisAddress, options: RedisClientOptions) {
  return {
    redisOptions: connectionOptions(address, options),
    scaleReads: 'master' as const,
    clusterRetryStrategy: retryDelay,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    slotsRefreshTimeout: connectTimeoutMs,
    slotsRefreshInterval: 5000,
    // Names are resolved when connecting, so that a certificate is compared with the name.
    dnsLookup: (host: string, callback: (error: null, address: string) => void) => callback(null, host),
  };
}

function tlsOptions({ ca }: RedisClientOptions) {
  return { ...compact({ ca }), rejectUnauthorized: true };
}

function retryDelay(attempt: number): number {
  return Math.min(attempt * 50, 500);
}

/**
 * A master that has become a replica refuses writes: its address may lead to the new master by now. Not more often than
 * every few seconds, because reads go on meanwhile.
 */
function leaveReplica(): (error: Error) => boolean {
  let last = 0;
  return (error) => {
    if (!error.message.startsWith('READONLY') || Date.now() - last < readonlyPauseMs) return false;
    last = Date.now();
    return true;
  };
}
