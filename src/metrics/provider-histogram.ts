import { Histogram, type Registry } from 'prom-client';

/** The observations of one provider. */
export interface Observations {
  /** Seconds. */
  add(seconds: number): void;
}

interface Tally extends Observations {
  /** By bucket, the last one for what is above all bounds; not cumulative. */
  readonly counts: Float64Array;
  sum: number;
}

interface Value {
  metricName: string;
  labels: Record<string, string | number>;
  value: number;
}

/**
 * A histogram by provider that costs two additions an observation: prom-client checks and hashes the labels with each, which a
 * proxied call would pay several times. What is scraped is the same.
 */
export class ProviderHistogram extends Histogram<'provider'> {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #tallies = new Map<string, Tally>();

  constructor(register: Registry, name: string, help: string, bounds: readonly number[]) {
    super({ name, help, labelNames: ['provider'], buckets: [...bounds], registers: [register] });
    this.#name = name;
    this.#help = help;
    this.#bounds = bounds;
  }

  of(provider: string): Observations {
    const known = this.#tallies.get(provider);
    if (known) return known;
    const bounds = this.#bounds;
    const tally: Tally = {
      counts: new Float64Array(bounds.length + 1),
      sum: 0,
      add(seconds) {
        let bucket = 0;
        while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket += 1;
        this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
        this.sum += seconds;
      },
    };
    this.#tallies.set(provider, tally);
    return tally;
  }

  /** What the registry asks for; prom-client's own counts stay empty. */
  getForPromString(): Promise<{ name: string; help: string; type: string; values: Value[] }> {
    const values = [...this.#tallies].flatMap(([provider, tally]) => this.#valuesOf(provider, tally));
    return Promise.resolve({ name: this.#name, help: this.#help, type: 'histogram', values });
  }

  #valuesOf(provider: string, { counts, sum }: Tally): Value[] {
    let count = 0;
    const buckets = [...counts].map((inBucket, index) => {
      count += inBucket;
      const labels = { le: this.#bounds[index] ?? '+Inf', provider };
      return { metricName: `${this.#name}_bucket`, labels, value: count };
    });
    return [
      ...buckets,
      { metricName: `${this.#name}_sum`, labels: { provider }, value: sum },
      { metricName: `${this.#name}_count`, labels: { provider }, value: count },
    ];
  }
}
