import { Counter, Gauge, type Registry } from 'prom-client';
import type { ForwardOutcome } from '../proxy/forward.js';
import { ProviderHistogram, type Observations } from './provider-histogram.js';

/** Counts and times the proxied calls. A call costs a few additions; labels are put together when somebody reads. */
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
  total: Observations;
  added: Observations;
  upstream: Observations;
  /** Calls by source and hundred of their status; 0 is no status. */
  calls: Map<ForwardOutcome['source'], number[]>;
}

export function createCallMeter(register: Registry): CallMeter {
  const histogram = (name: string, help: string, bounds: readonly number[]) =>
    new ProviderHistogram(register, `gatehouse_${name}_seconds`, help, bounds);
  const total = histogram('proxied_call', 'Proxied calls, from their arrival to the end of the answer', wholeCall);
  const added = histogram('added', 'Proxied calls, without the wait for the upstream: our own part', ourPart);
  const upstream = histogram('upstream', 'Proxied calls, from sending them to the head of the answer', upstreamPart);
  const known = new Map<string, OfProvider>();
  new Counter({
    name: 'gatehouse_proxied_calls_total',
    help: 'Proxied calls, by who answered and with which class of status',
    labelNames: ['provider', 'source', 'status_class'],
    registers: [register],
    collect() {
      this.reset();
      for (const [provider, { calls }] of known)
        for (const [source, counts] of calls)
          counts.forEach((count, hundred) => {
            this.inc({ provider, source, status_class: hundred === 0 ? 'none' : `${hundred}xx` }, count);
          });
    },
  });
  let underWay = 0;
  new Gauge({
    name: 'gatehouse_calls_in_flight',
    help: 'Proxied calls under way in this process',
    registers: [register],
    collect() {
      this.set(underWay);
    },
  });

  const of = (provider: string): OfProvider => {
    const found = known.get(provider);
    if (found) return found;
    const made: OfProvider = {
      total: total.of(provider),
      added: added.of(provider),
      upstream: upstream.of(provider),
      calls: new Map(),
    };
    known.set(provider, made);
    return made;
  };
  const count = ({ calls }: OfProvider, source: ForwardOutcome['source'], status = 0): void => {
    let counts = calls.get(source);
    if (!counts) calls.set(source, (counts = []));
    const statusClass = Math.floor(status / 100);
    counts[statusClass] = (counts[statusClass] ?? 0) + 1;
  };

  return {
    begin: () => {
      underWay += 1;
    },
    end: (provider, outcome, startedAt) => {
      underWay -= 1;
      if (outcome === undefined) return;
      const { source, status, upstreamMs, answeredAt } = outcome;
      const its = of(provider);
      count(its, source, status);
      its.total.add((performance.now() - startedAt) / 1000);
      if (upstreamMs === undefined) return;
      its.upstream.add(upstreamMs / 1000);
      if (answeredAt !== undefined) its.added.add((answeredAt - startedAt - upstreamMs) / 1000);
    },
    refused: (provider, status) => count(of(provider), 'gatehouse', status),
  };
}
