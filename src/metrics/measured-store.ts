import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { OpenedStore } from '../store/store.js';

const operations = ['get', 'get_many', 'recall', 'commit', 'increment', 'has_ended', 'ping'] as const;
type Operation = (typeof operations)[number];

const buckets = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2];

/** The same store, timed and counted; what is answered from memory is only counted. */
export function measuredStore(store: OpenedStore, register: Registry): OpenedStore {
  const registers = [register];
  const latency = new Histogram({
    name: 'gatehouse_store_seconds',
    help: 'What the store was asked, until it answered or failed',
    labelNames: ['operation'],
    buckets,
    registers,
  });
  const errors = new Counter({
    name: 'gatehouse_store_errors_total',
    help: 'What the store did not answer',
    labelNames: ['operation'],
    registers,
  });
  const timers = new Map(operations.map((name) => [name, latency.labels(name)]));
  for (const operation of operations) errors.inc({ operation }, 0);

  let warm = 0;
  let asked = 0;
  new Counter({
    name: 'gatehouse_records_total',
    help: 'Records of proxied calls, by where they came from: memory, or the store',
    labelNames: ['from'],
    registers,
    collect() {
      this.reset();
      this.inc({ from: 'memory' }, warm);
      this.inc({ from: 'store' }, asked);
    },
  });
  new Gauge({
    name: 'gatehouse_store_ready',
    help: '1 while the store can be used',
    registers,
    collect() {
      this.set(store.status() === 'ready' ? 1 : 0);
    },
  });
  new Gauge({
    name: 'gatehouse_store_state',
    help: '1 for the state the store is in: connecting, ready or lost',
    labelNames: ['state'],
    registers,
    collect() {
      const status = store.status();
      for (const state of ['connecting', 'ready', 'lost']) this.set({ state }, state === status ? 1 : 0);
    },
  });

  const timed = async <T>(operation: Operation, step: Promise<T>): Promise<T> => {
    const began = performance.now();
    try {
      return await step;
    } catch (error) {
      errors.inc({ operation });
      throw error;
    } finally {
      timers.get(operation)?.observe((performance.now() - began) / 1000);
    }
  };
  const remembered: OpenedStore['remembered'] = (keys) => {
    const values = store.remembered(keys);
    if (values !== undefined) warm += 1;
    return values;
  };
  return {
    ...store,
    remembered,
    get: (key) => timed('get', store.get(key)),
    getMany: (keys) => timed('get_many', store.getMany(keys)),
    gather: (keys) => timed('get_many', store.gather(keys)),
    recall: async (keys) => {
      const values = remembered(keys);
      if (values !== undefined) return values;
      asked += 1;
      return timed('recall', store.recall(keys));
    },
    commit: (guards, writes) => timed('commit', store.commit(guards, writes)),
    increment: (key, windowMs) => timed('increment', store.increment(key, windowMs)),
    hasEnded: (presence) => timed('has_ended', store.hasEnded(presence)),
    ping: () => timed('ping', store.ping()),
  };
}
