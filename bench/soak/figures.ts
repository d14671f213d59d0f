import { readFileSync } from 'node:fs';
import { root } from '../process.js';

/** What the sums are made of, each as a command has written it into docs. Times are microseconds of processor time. */
export interface Figures {
  /** Of Redis, for a session with one connection and a token of 1 KB. */
  bytesPerSession: number;
  /** A proxied call whose records are remembered. */
  call: number;
  /** The same calls to sessions that are remembered, and to more than are. */
  recalled: number;
  asking: number;
  /** Of the two, as it was measured. */
  ratio: number;
  /** Of Redis. */
  redis: { firstCall: number; nextCall: number; refresh: number; signIn: number; logout: number };
}

/** Reads them from docs/performance.md (`npm run bench`) and docs/load.md (`npm run soak -- --costs`). Throws where one is missing. */
export function readFigures(): Figures {
  const page = (name: string): string => readFileSync(`${root}docs/${name}`, 'utf8');
  const [performance, load] = [page('performance.md'), page('load.md')];
  const cost = (act: string): number => number(load, new RegExp(`^\\| ${act}[^|]*\\|[^|]*\\| *([\\d.]+)`, 'm'));
  const asking = /^\| 1,000 → 50,000 sessions in turn[^|]*\| *(\d+) *\| *(\d+) *\| *([\d.]+)/m;
  return {
    bytesPerSession: number(performance, /a token of 1 KB: (\d+) bytes/),
    call: number(performance, /^\| Gatehouse *\| \d+ \/ \*\*(\d+)\*\*/m),
    recalled: number(performance, asking),
    asking: number(performance, asking, 2),
    ratio: number(performance, asking, 3),
    redis: {
      firstCall: cost('first call'),
      nextCall: cost('next call'),
      refresh: cost('refresh'),
      signIn: cost('sign-in'),
      logout: cost('logout'),
    },
  };
}

export const count = (value: number): string => Math.round(value).toLocaleString('en');

/** Calls a second that one core takes at half load, in hundreds, at so many microseconds each. */
export function halfLoad(cost: number): number {
  return Math.floor(1_000_000 / cost / 2 / 100) * 100;
}

function number(text: string, pattern: RegExp, group = 1): number {
  const found = Number(pattern.exec(text)?.[group]);
  if (!(found > 0)) throw new Error(`docs has no figure like ${pattern.source}`);
  return found;
}
