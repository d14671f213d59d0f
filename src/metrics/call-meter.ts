import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ForwardOutcome } from '../proxy/forward.js';

/** Counts and times the proxied calls. One call costs about two microseconds. */
export interface CallMeter {
  begin(): void;
  /** `startedAt` is when it arrived, by `performance.now`. Without an outcome it failed, and `refused` is told. */
  end(provider: string, outcome: ForwardOutcome | undefined, startedAt: number): void;
  /** A call that was refused before it was begun, or failed: the answer was ours. */
  refused(provider: string, status: number): void;
}

const wholeCall = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const upstreamPart = wholeCall;
const ourPart = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10];

/** What is looked up once for each provider instead of once for each call. */
interface OfProvider {
  total: Histogram.Internal<string>;
  added: Histogram.Internal<string>;
  upstream: Histogram.Internal<string>;
  calls: Map<string, Counter.Internal>;
}

export function createCallMeter(register: Registry): CallMeter {
  const registers = [register];
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name: `gatehouse_${name}_seconds`, help, labelNames: ['provider'], buckets, registers });
  const total = histogram('proxied_call', 'Proxied calls, from their arrival to the end of the answer', wholeCall);
  const added = histogram('added', 'Proxied calls, without the wait for the upstream: our own part', ourPart);
  const upstream = histogram('upstream', 'Proxied calls, from sending them to the head of the answer', upstreamPart);
  const calls = new Counter({
    name: 'gatehouse_proxied_calls_total',
    help: 'Proxied calls, by who answered and with which class of status',
    labelNames: ['provider', 'source', 'status_class'],
    registers,
  });
  let underWay = 0;
  new Gauge({
    name: 'gatehouse_calls_in_flight',
    help: 'Proxied calls under way in this process',
    registers,
    collect() {
      this.set(underWay);
    },
  });

  const known = new Map<string, OfProvider>();
  const of = (provider: string): OfProvider => {
    const found = known.get(provider);
    if (found) return found;
    const made: OfProvider = {
      total: total.labels(provider),
      added: added.labels(provider),
      upstream: upstream.labels(provider),
      calls: new Map(),
    };
    known.set(provider, made);
    return made;
  };
  const count = (provider: string, source: ForwardOutcome['source'], status: number | undefined): void => {
    const { calls: children } = of(provider);
    const statusClass = status === undefined ? 'none' : `${Math.floor(status / 100)}xx`;
    const key = `${source} ${statusClass}`;
    let child = children.get(key);
    if (!child) {
      child = calls.labels(provider, source, statusClass);
      children.set(key, child);
    }
    child.inc();
  };

  return {
    begin: () => {
      underWay += 1;
    },
    end: (provider, outcome, startedAt) => {
      underWay -= 1;
      if (outcome === undefined) return;
      const { source, status, upstreamMs, answeredAt } = outcome;
      count(provider, source, status);
      const children = of(provider);
      children.total.observe((performance.now() - startedAt) / 1000);
      if (upstreamMs === undefined) return;
      children.upstream.observe(upstreamMs / 1000);
      if (answeredAt !== undefined) children.added.observe((answeredAt - startedAt - upstreamMs) / 1000);
    },
    refused: (provider, status) => count(provider, 'gatehouse', status),
  };
}
