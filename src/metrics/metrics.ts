import { collectDefaultMetrics, Registry } from 'prom-client';
import type { LogFields } from '../log.js';
import type { OpenedStore } from '../store/store.js';
import { createCallMeter, type CallMeter } from './call-meter.js';
import { eventCounters } from './event-counters.js';
import { measuredStore } from './measured-store.js';
import { createMetConnections, type MetConnections } from './met-connections.js';

/** What an operator watches. Reading it asks nobody: it answers also while the store is gone. */
export interface Metrics {
  /** Told of every event, whether or not its level is logged. */
  observe(event: string, fields: LogFields): void;
  /** The store, timed. */
  measured(store: OpenedStore): OpenedStore;
  calls: CallMeter;
  met: MetConnections;
  /** The text for Prometheus, and its content type. */
  read(): Promise<{ text: string; contentType: string }>;
}

interface Sources {
  /** Only providers on offer become labels. */
  isOffered: (provider: string) => boolean;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export function createMetrics({ isOffered, now }: Sources): Metrics {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const calls = createCallMeter(register);
  const counters = eventCounters(register, calls, isOffered);
  return {
    observe: (event, fields) => counters.get(event)?.(fields),
    measured: (store) => measuredStore(store, register),
    calls,
    met: createMetConnections(register, now),
    read: async () => ({ text: await register.metrics(), contentType: register.contentType }),
  };
}
