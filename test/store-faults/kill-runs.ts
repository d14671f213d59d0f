import { connect } from '../world/journey.js';
import type { ServerProcess } from '../world/process.js';
import { eventually, startRedis, type RedisServer } from '../world/redis.js';
import type { Answer } from '../world/answer.js';
import { openStage, type Person, type Stage } from './stage.js';

/** A moment at which the process is killed, and what a person may lose by it. */
export interface KillPoint {
  name: string;
  act: 'connect' | 'refresh' | 'disconnect';
  /** Killed by us when the authorization server has the call; the others kill themselves at a point of this name. */
  outside?: 'before it is looked at' | 'after the refresh token was spent';
  /** The browser, whose connection broke, loads the callback's address again. */
  reload?: boolean;
  /** What becomes of the connection: usable at once, gone and not connected, or to be made again. */
  leaves: 'usable' | 'not_connected' | 'reauth_required' | 'signed_out';
}

export const killPoints: readonly KillPoint[] = [
  { name: 'connect.pending_stored', act: 'connect', leaves: 'not_connected' },
  { name: 'connect.taken', act: 'connect', reload: true, leaves: 'not_connected' },
  { name: 'connect.redeemed', act: 'connect', reload: true, leaves: 'not_connected' },
  // The session has a new id by then, which the browser never heard of: it is told when it loads the address again.
  { name: 'connect.saved', act: 'connect', reload: true, leaves: 'usable' },
  { name: 'refresh.locked', act: 'refresh', leaves: 'usable' },
  { name: 'refresh.sent', act: 'refresh', outside: 'before it is looked at', leaves: 'usable' },
  { name: 'refresh.spent', act: 'refresh', outside: 'after the refresh token was spent', leaves: 'reauth_required' },
  { name: 'refresh.answered', act: 'refresh', leaves: 'reauth_required' },
  { name: 'refresh.saved', act: 'refresh', leaves: 'usable' },
  { name: 'disconnect.begun', act: 'disconnect', leaves: 'usable' },
  { name: 'disconnect.deleted', act: 'disconnect', leaves: 'not_connected' },
  { name: 'disconnect.revoked', act: 'disconnect', leaves: 'not_connected' },
];

export interface KillReport {
  point: string;
  /** What is not as it should be; empty when all is well. */
  problems: string[];
  found: string;
  /** Milliseconds from the kill until the connection served again, or was known to be over. */
  recoveryMs: number;
  /** Calls of the token endpoint that came of it. */
  tokenCalls: number;
}

export interface KillWorld {
  stage: Stage;
  redis: RedisServer;
  survivor: ServerProcess;
  /** Somebody with two connections who has nothing to do with it. */
  bystander: Person;
  close(): Promise<void>;
}

export async function openKillWorld(): Promise<KillWorld> {
  const redis = await startRedis();
  const stage = await openStage({ redisUrl: redis.url });
  const survivor = await stage.start();
  const bystander = stage.person(survivor);
  await bystander.connect();
  await bystander.connect('other');
  const close = () => stage.close().then(() => redis.stop());
  return { stage, redis, survivor, bystander, close };
}

/** One person, one process that dies at the point, and what another process finds afterwards. */
export async function killAt(point: KillPoint, world: KillWorld): Promise<KillReport> {
  const { stage, survivor, bystander } = world;
  const person = stage.person(survivor);
  await person.connect('other');
  if (point.act !== 'connect') await person.connect();
  const armed: Record<string, string> = point.outside ? {} : { GATEHOUSE_FAULT_POINT: point.name };
  const doomed = await stage.start({ env: armed });
  const calls = stage.server.calls.token;
  const callback = await (point.outside
    ? killOutside(point.outside, world, person, doomed)
    : act(point.act, person.at(doomed)));
  const { signal } = await doomed.exited;
  const died = performance.now();
  person.at(survivor);

  if (point.reload && callback) await person.browser.get(callback);

  const problems: string[] = [];
  if (signal !== 'SIGKILL') problems.push(`the process ended with ${String(signal)}`);
  const found = await outcome(point, person);
  const recoveryMs = performance.now() - died;
  const tokenCalls = stage.server.calls.token - calls;
  if (found !== point.leaves) problems.push(`found ${found} instead of ${point.leaves}`);
  if (found !== 'signed_out' && (await person.call('other')).status !== 200)
    problems.push('the other connection is gone');
  for (const provider of ['acme', 'other'] as const)
    if ((await bystander.call(provider)).status !== 200) problems.push(`a bystander lost ${provider}`);
  if (survivor.lines.some((line) => line.includes('connection.unreadable'))) problems.push('a record is damaged');
  if (found !== 'usable')
    await person.connect().catch((error: unknown) => problems.push(`cannot connect again: ${String(error)}`));
  const last = await person.call();
  if (last.status !== 200) problems.push(`not usable at the end: ${last.status}`);
  return { point: point.name, problems, found, recoveryMs, tokenCalls };
}

/** Keys that would never go away by themselves. */
export async function immortalKeys(redis: RedisServer): Promise<string[]> {
  const script =
    "local r={} for _,k in ipairs(redis.call('KEYS','*')) do if redis.call('PTTL',k)<0 then r[#r+1]=k end end return r";
  return (await redis.cli('eval', script, '0')).split('\n').filter(Boolean);
}

/** Answers the callback's address where the act came as far as that. */
async function act(what: KillPoint['act'], person: Person): Promise<URL | undefined> {
  let callback: URL | undefined;
  const steps = {
    connect: async () => {
      ({ callbackUrl: callback } = await connect(person.browser, 'acme', { stopAt: 'callback' }));
      if (callback) await person.browser.get(callback);
    },
    refresh: () => refresh(person),
    disconnect: () => person.browser.api.delete('/api/connections/acme'),
  };
  await steps[what]().catch(() => undefined);
  return callback;
}

function refresh(person: Person): Promise<Answer> {
  return person.browser.api.post('/api/connections/acme/refresh');
}

async function killOutside(
  when: NonNullable<KillPoint['outside']>,
  { stage: { server } }: KillWorld,
  person: Person,
  doomed: ServerProcess,
): Promise<undefined> {
  const { token } = server.calls;
  let letGo = (): void => undefined;
  const wait = new Promise<void>((resolve) => (letGo = resolve));
  server.bend.token =
    when === 'before it is looked at' ? { wait, times: 1, reply: { instead: 'cut' } } : { wait, times: 1 };
  const answer = refresh(person.at(doomed)).catch(() => undefined);
  await eventually(() => Promise.resolve(server.calls.token > token));
  doomed.child.kill('SIGKILL');
  await doomed.exited;
  letGo();
  await answer;
  return undefined;
}

/** What the person's connection is like now. A refresh says whether its grant still lives. */
async function outcome({ act: what }: KillPoint, person: Person): Promise<string> {
  const call = await person.call();
  if (call.status === 401)
    return call.headers['x-gatehouse-error'] === 'login_required' ? 'signed_out' : 'not_connected';
  if (call.status !== 200) return `status ${call.status}`;
  if (what !== 'refresh') return 'usable';
  const renewed = await refresh(person);
  if (renewed.status === 200) return 'usable';
  return /"code":"([a-z_]+)"/.exec(renewed.text)?.[1] ?? `status ${renewed.status}`;
}
