import { Agent } from 'undici';
import type { ServerProcess } from '../world/process.js';
import type { Person } from './stage.js';

/** One answer, as a caller saw it. */
export interface Seen {
  /** Milliseconds on the machine's monotonic clock. */
  began: number;
  ms: number;
  /** 0 where the connection broke. */
  status: number;
  code: string | undefined;
  retryAfter: string | undefined;
  setCookies: readonly string[];
  path: string;
  /** The caller's place among the people. */
  who: number;
}

export interface Load {
  seen: readonly Seen[];
  /** Resolves with the first answer of a call begun from now on that fits; rejects after `limitMs`. */
  next(fits: (answer: Seen) => boolean, limitMs?: number): Promise<Seen>;
  stop(): Promise<readonly Seen[]>;
}

/**
 * So many calls a second, evenly, whatever becomes of those before: each person in turn, each path in turn. The port is asked
 * for with each call, so that several processes can take turns.
 */
export function startLoad(
  process: Pick<ServerProcess, 'port'>,
  people: readonly Pick<Person, 'browser'>[],
  rate: number,
  paths = ['/proxy/acme/v1/things'],
): Load {
  const agent = new Agent({ connections: 256, pipelining: 1 });
  const seen: Seen[] = [];
  const waiting = new Set<(answer: Seen) => void>();
  const underWay = new Set<Promise<void>>();
  let turn = 0;

  const call = async (person: Pick<Person, 'browser'>, path: string, who: number): Promise<void> => {
    const began = performance.now();
    const head = {
      host: person.browser.base.host,
      cookie: person.browser.cookieHeader() ?? '',
      'x-csrf': '1',
      accept: 'application/json',
    };
    const answer = await agent
      .request({ origin: `http://127.0.0.1:${process.port}`, path, method: 'GET', headers: head })
      .then(async ({ statusCode, headers, body }) => {
        const text = await body.text();
        return { statusCode, headers, text };
      })
      .catch(() => undefined);
    const one: Seen = {
      began,
      ms: performance.now() - began,
      status: answer?.statusCode ?? 0,
      code: answer && answer.statusCode >= 400 ? /"code":"([a-z_]+)"/.exec(answer.text)?.[1] : undefined,
      retryAfter: answer?.headers['retry-after']?.toString(),
      setCookies: [answer?.headers['set-cookie'] ?? []].flat(),
      path,
      who,
    };
    seen.push(one);
    for (const tell of waiting) tell(one);
  };

  const clock = setInterval(() => {
    const who = turn % people.length;
    const [person, path] = [people[who], paths[turn % paths.length]];
    turn += 1;
    if (!person || path === undefined) return;
    const one = call(person, path, who).finally(() => underWay.delete(one));
    underWay.add(one);
  }, 1000 / rate);

  return {
    seen,
    next: (fits, limitMs = 40_000) =>
      new Promise((resolve, reject) => {
        const since = performance.now();
        const late = setTimeout(() => {
          waiting.delete(tell);
          reject(new Error(`no such answer within ${limitMs} ms, the last was ${JSON.stringify(seen.at(-1))}`));
        }, limitMs);
        const tell = (answer: Seen): void => {
          if (answer.began < since || !fits(answer)) return;
          clearTimeout(late);
          waiting.delete(tell);
          resolve(answer);
        };
        waiting.add(tell);
      }),
    async stop() {
      clearInterval(clock);
      await Promise.all(underWay);
      await agent.destroy();
      return seen;
    },
  };
}

/** How often each status came. */
export function byStatus(seen: readonly Seen[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of seen) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

export function longest(seen: readonly Seen[]): number {
  return Math.max(0, ...seen.map(({ ms }) => ms));
}
