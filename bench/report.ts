import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { format, resolveConfig } from 'prettier';
import type { Sample } from './measure.js';
import { median } from './measure.js';
import { root } from './process.js';

/** Where and when, without which no figure means anything. */
export function machine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const [first] = cpus();
  const size = `${cpus().length} cores (${first?.model.trim() ?? 'unknown'}), ${memory} GB`;
  return `${new Date().toISOString().slice(0, 10)}, ${size}, Node ${process.versions.node}`;
}

export function heading(quick: boolean, rounds: number, seconds: number): string {
  const kind = quick ? ', a quick run that shows no more than the order' : '';
  return `${machine()}; ${rounds} alternating rounds of ${seconds} s${kind}.`;
}

type Samples = ReadonlyMap<string, readonly Sample[]>;

/** The table of all contestants: processor time per request, and what it is of the two that everybody knows. */
export function overview(samples: Samples, bare: string, stack: string, absent: readonly string[]): string {
  const cpu = (name: string): number => median(pick(samples, name, 'cpu'));
  const rows = [...samples.keys()].map((name) => {
    const values = pick(samples, name, 'cpu');
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const column = (field: keyof Sample, digits: number): string => median(pick(samples, name, field)).toFixed(digits);
    const ratios = [cpu(name) / cpu(bare), cpu(name) / cpu(stack)].map((ratio) => ratio.toFixed(2));
    const range = `${low.toFixed(0)} / **${cpu(name).toFixed(0)}** / ${high.toFixed(0)}`;
    return [
      name,
      range,
      ...ratios,
      column('requestsPerSecond', 0),
      column('p50', 1),
      column('p99', 1),
      column('redisCommands', 2),
    ];
  });
  const missing = absent.map((name) => [name, 'not installed here', ...Array<string>(6).fill('–')]);
  return table(
    [
      'GET of 1 KB',
      'CPU µs a request: min / median / max',
      '× bare',
      '× Express',
      'requests/s',
      'p50 ms',
      'p99 ms',
      'Redis commands',
    ],
    [...rows, ...missing],
  );
}

/** Two contestants and their ratio. */
export function single(title: string, samples: Samples, ours: string, theirs: string): string {
  const rows = [ours, theirs].map((name) => [
    name,
    median(pick(samples, name, 'cpu')).toFixed(0),
    median(pick(samples, name, 'requestsPerSecond')).toFixed(0),
  ]);
  const ratio = (field: keyof Sample): string =>
    (median(pick(samples, ours, field)) / median(pick(samples, theirs, field))).toFixed(2);
  return table(
    [title, 'CPU µs a request', 'requests/s'],
    [...rows, ['ratio', ratio('cpu'), ratio('requestsPerSecond')]],
  );
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function pick(samples: Samples, name: string, field: keyof Sample): number[] {
  return (samples.get(name) ?? []).map((sample) => sample[field]);
}

/** Replaces what stands between the markers of this name in docs/performance.md, or in another file of docs. */
export async function writeSection(name: string, text: string, page = 'performance.md'): Promise<void> {
  const file = `${root}docs/${page}`;
  const before = readFileSync(file, 'utf8');
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/${page} has no markers for ${name}`);
  const whole = `${before.slice(0, from + begin.length)}\n\n${text}\n\n${before.slice(to)}`;
  writeFileSync(file, await format(whole, { ...(await resolveConfig(file)), parser: 'markdown' }));
}
