import { randomBytes } from 'node:crypto';
import { probeKey } from '../keys.js';
import { storeFailureCode } from './failure.js';
import { rightsScript } from './scripts.js';
import type { RedisServer } from './servers.js';

/** What the user of REDIS_URL needs, by what is lost without it (docs/deployment.md lists the same). */
export const rights = {
  /** Nothing works without these. */
  store: ['ping', 'get', 'mget', 'set', 'del', 'exists', 'incr', 'pexpire', 'pttl', 'time', 'eval', 'evalsha'],
  /** Without these every proxied call asks Redis, and the work of a process that has ended is taken up later. */
  changes: ['client|id', 'client|tracking', 'subscribe', 'pubsub|numsub'],
  /** Without these the commands of an operator do not work, and the doctor knows less. */
  operator: ['scan', 'info', 'config|get', 'client|setname'],
  /** In a cluster alone. */
  cluster: ['cluster|slots', 'cluster|info'],
} as const;

type Part = Exclude<keyof typeof rights, 'cluster'>;

/** The rules of an ACL user with exactly these rights, as ACL SETUSER takes them. */
export function aclRules(
  prefix = '',
  parts: readonly (keyof typeof rights)[] = ['store', 'changes', 'operator'],
): string[] {
  const keys = [`~${prefix}gh:*`, 'resetchannels', `&${prefix}gh:process:*`, '&__redis__:invalidate'];
  return [...keys, '-@all', ...parts.flatMap((part) => rights[part].map((command) => `+${command}`))];
}

/** Tries the commands on one server, and answers those that its user may not use. Nothing remains of it. */
export async function missingRights({ ask }: RedisServer, prefix = ''): Promise<Record<Part, string[]>> {
  const key = `${prefix}${probeKey(randomBytes(12).toString('base64url'))}`;
  const trials: Readonly<Partial<Record<string, readonly [string, ...string[]]>>> = {
    ping: ['PING'],
    get: ['GET', key],
    mget: ['MGET', key],
    evalsha: ['EVALSHA', rightsScript.sha, '1', key],
    'client|id': ['CLIENT', 'ID'],
    'client|tracking': ['CLIENT', 'TRACKING', 'OFF'],
    'pubsub|numsub': ['PUBSUB', 'NUMSUB', key],
    scan: ['SCAN', '0', 'COUNT', '1'],
    info: ['INFO', 'server'],
    'config|get': ['CONFIG', 'GET', 'save'],
  };
  const inScript = await ask('EVAL', rightsScript.lua, '1', key).then(
    (names) => names as string[],
    (error: unknown) => (storeFailureCode(error) === 'NOPERM' ? ['eval'] : []),
  );
  const missing = async (part: Part): Promise<string[]> => {
    const found: string[] = [];
    for (const name of rights[part]) {
      const trial = trials[name];
      const refused =
        trial &&
        (await ask(...trial).then(
          () => false,
          (error: unknown) => storeFailureCode(error) === 'NOPERM',
        ));
      if (refused === true || inScript.includes(name)) found.push(name);
    }
    return found;
  };
  return { store: await missing('store'), changes: await missing('changes'), operator: await missing('operator') };
}
