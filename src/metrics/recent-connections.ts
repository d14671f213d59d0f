import { Gauge, type Registry } from 'prom-client';

/** What one look at a connection has shown. */
export interface ConnectionSummary {
  provider: string;
  status: string;
  /** Milliseconds since the epoch; undefined where there is no token. */
  expiresAt: number | undefined;
  /** Whether the tokens can be renewed without the person. */
  refreshable: boolean;
}

/**
 * The connections that this process has met in the last quarter of an hour, each as it was seen last: docs/decisions/0013.
 * Counted here, so that no scrape ever asks the store.
 */
export interface RecentConnections {
  /** True where it was looked at less than a minute ago; then it only counts as met again. */
  isRecent(key: string): boolean;
  set(key: string, summary: ConnectionSummary): void;
  forget(keys: readonly string[]): void;
}

/** Milliseconds for which a connection counts as in use after it was met. */
const window = 900_000;
/** Milliseconds after which a connection that is met is looked at again. */
const lookEvery = 60_000;
/** Connections remembered at most, so that memory stays bounded; those met first go first. */
const most = 50_000;

const bands: readonly (readonly [within: string, seconds: number])[] = [
  ['ended', 0],
  ['5m', 300],
  ['1h', 3600],
  ['1d', 86_400],
  ['7d', 604_800],
  ['later', Number.POSITIVE_INFINITY],
];

interface RecentConnection extends ConnectionSummary {
  seenAt: number;
  readAt: number;
}

export function createRecentConnections(register: Registry, now: () => number): RecentConnections {
  const recentConnections = new Map<string, RecentConnection>();
  const prune = (): void => {
    const oldest = now() - window;
    for (const [key, { seenAt }] of recentConnections) if (seenAt < oldest) recentConnections.delete(key);
  };
  new Gauge({
    name: 'gatehouse_connections',
    help: 'Connections that this process met in the last 15 minutes, by the status it saw last',
    labelNames: ['provider', 'status'],
    registers: [register],
    collect() {
      prune();
      this.reset();
      for (const { provider, status } of recentConnections.values()) this.inc({ provider, status });
    },
  });
  new Gauge({
    name: 'gatehouse_connections_ending',
    help: 'The same connections, by the time left until the access token ends and by whether it can be renewed',
    labelNames: ['provider', 'within', 'refreshable'],
    registers: [register],
    collect() {
      prune();
      this.reset();
      for (const { provider, expiresAt, refreshable } of recentConnections.values()) {
        if (expiresAt === undefined) continue;
        const left = (expiresAt - now()) / 1000;
        const within = bands.find(([, seconds]) => left <= seconds)?.[0] ?? 'later';
        this.inc({ provider, within, refreshable: refreshable ? 'yes' : 'no' });
      }
    },
  });

  return {
    isRecent(key) {
      const known = recentConnections.get(key);
      if (known === undefined) return false;
      const time = now();
      known.seenAt = time;
      return time - known.readAt < lookEvery;
    },
    set(key, summary) {
      const time = now();
      recentConnections.delete(key);
      recentConnections.set(key, { ...summary, seenAt: time, readAt: time });
      if (recentConnections.size > most)
        for (const first of recentConnections.keys()) return void recentConnections.delete(first);
    },
    forget(keys) {
      for (const key of keys) recentConnections.delete(key);
    },
  };
}
