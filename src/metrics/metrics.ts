import { collectDefaultMetrics, Registry } from 'prom-client';
import type { LogFields } from '../log/log.js';
import type { OpenedStore } from '../store/store.js';
import { createCallMeter, type CallMeter } from './call-meter.js';
import { eventCounters } from './event-counters.js';
import { measuredStore } from './measured-store.js';
import { createRecentConnections, type RecentConnections } from './recent-connections.js';

/** What an operator watches. Reading it asks nobody: it answers also while the store is gone. */
export interface Metrics {
  /** Told of every event, whether or not its level is logged. */
  observe(event: string, fields: LogFields): void;
  /** The store, timed. */
  measured(store: OpenedStore): OpenedStore;
  /** Only providers on offer become labels. */
  offer(provider: string): void;
  calls: CallMeter;
  recentConnections: RecentConnections;
  /** The text for Prometheus, and its content type. */
  read(): Promise<{ text: string; contentType: string }>;
}

interface Sources {
  /** Milliseconds since the epoch. */
  now: () => number;
}

export function createMetrics({ now }: Sources): Metrics {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const calls = createCallMeter(register);
  const offered = new Set<string>();
  const counters = eventCounters(register, calls, (id) => offered.has(id));
  return {
    observe: (event, fields) => counters.byEvent.get(event)?.(fields),
    offer: (provider) => {
      offered.add(provider);
      counters.offer(provider);
    },
    measured: (store) => measuredStore(store, register),
    calls,
    recentConnections: createRecentConnections(register, now),
    read: async () => ({ text: await register.metrics(), contentType: register.contentType }),
  };
}
