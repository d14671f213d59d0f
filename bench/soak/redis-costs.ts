import type { RedisServer } from '../../test/world/redis.js';
import { machine, table } from '../report.js';
import { callOnce } from './caller.js';
import { browserOf, signIn } from './people.js';
import type { Person } from './person.js';
import { openStage, type Stage } from './stage.js';

interface Asked {
  commands: number;
  /** Microseconds of Redis's own processor time. */
  cpu: number;
}

/** What each act asks of Redis: for the sum of a plan. A process's own probe, one a second, is in it. */
export async function redisCosts(people: number): Promise<string> {
  const stage = await openStage({ sessions: people, processes: 1, tokenLifetime: 86_400 });
  try {
    const { fleet, publicUrl } = stage;
    const api = (method: 'post' | 'delete', path: string) => async (person: Person) => {
      const { status } = await browserOf(person, fleet, publicUrl).api[method](path);
      if (status !== 200) throw new Error(`${path} answered with ${status}`);
    };
    const acts: readonly (readonly [string, (person: Person) => Promise<unknown>])[] = [
      ['first call of a session in a minute, the process new to it', (person) => call(stage, person)],
      ['next call, the idle limit having been moved', (person) => call(stage, person)],
      ['call after that, remembered', (person) => call(stage, person)],
      ['refresh', api('post', '/api/connections/acme/refresh')],
      ['sign-in in a session, from the click to the callback', (person) => signIn(person, fleet, publicUrl)],
      ['logout', api('post', '/logout')],
    ];
    const rows: string[][] = [];
    for (const [name, act] of acts) {
      const before = await asked(stage.redis);
      for (const person of stage.people) await act(person);
      const after = await asked(stage.redis);
      const each = (field: keyof Asked): number => (after[field] - before[field]) / people;
      rows.push([name, each('commands').toFixed(1), each('cpu').toFixed(0)]);
    }
    return [
      `${machine()}; ${people.toLocaleString('en')} of each, one after the other, one process.`,
      table(['', 'Redis commands, those in scripts counted', 'Redis CPU, µs'], rows),
    ].join('\n\n');
  } finally {
    await stage.close();
  }
}

async function call({ fleet, publicUrl, path }: Stage, person: Person): Promise<void> {
  const { kind } = await callOnce({ person, server: fleet.next(), path, host: new URL(publicUrl).host });
  if (kind !== '200') throw new Error(`a call was answered with ${kind}`);
}

async function info(redis: RedisServer, section: string, name: string): Promise<number> {
  return Number(new RegExp(`^${name}:(\\S+)`, 'm').exec(await redis.cli('info', section))?.[1]);
}

async function asked(redis: RedisServer): Promise<Asked> {
  const [user, system] = [await info(redis, 'cpu', 'used_cpu_user'), await info(redis, 'cpu', 'used_cpu_sys')];
  return { commands: await info(redis, 'stats', 'total_commands_processed'), cpu: (user + system) * 1_000_000 };
}
