import type { RedisServer } from '../../store/redis/servers.js';
import { fine, type Finding } from './finding.js';

/** Milliseconds that the clocks may differ. */
const tolerable = 2_000;

/** What one server says of itself. */
export async function serverFindings({ place: where, ask }: RedisServer, now: () => number): Promise<Finding[]> {
  const text = await ask('INFO').catch(() => undefined);
  if (typeof text !== 'string')
    return [
      {
        level: 'note',
        where,
        what: 'it does not tell this user about itself (INFO): eviction and persistence are unknown',
      },
    ];
  const info = parseInfo(text);
  const findings = [version(info), eviction(info), await persistence(info, ask), memory(info), await clock(ask, now)];
  return findings.filter((finding) => finding !== undefined).map((finding) => ({ ...finding, where }));
}

type Info = ReadonlyMap<string, string>;

function parseInfo(text: string): Info {
  return new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : [];
    }),
  );
}

function version(info: Info): Finding {
  const text = info.get('redis_version') ?? 'unknown';
  const major = Number(text.split('.')[0]);
  if (major < 6)
    return { level: 'warning', what: `version ${text} is old`, remedy: 'Use Redis 6 or newer; 7 is what is tested.' };
  return fine(`version ${text}`);
}

function eviction(info: Info): Finding {
  const policy = info.get('maxmemory_policy') ?? 'unknown';
  if (policy === 'noeviction') return fine('eviction policy noeviction');
  return {
    level: 'problem',
    what: `eviction policy ${policy}: when its memory is full, Redis throws sessions and tokens away`,
    remedy: 'Set maxmemory-policy noeviction, and give Gatehouse a Redis of its own.',
  };
}

/** A server that forgets everything at its restart signs everybody out. */
async function persistence(info: Info, ask: RedisServer['ask']): Promise<Finding> {
  const appends = info.get('aof_enabled') === '1';
  const failed = (appends ? info.get('aof_last_write_status') : info.get('rdb_last_bgsave_status')) === 'err';
  if (failed)
    return {
      level: 'problem',
      what: 'its last write to disk failed',
      remedy: 'See its log, and the space on its disk.',
    };
  if (appends) return fine('persistence: append-only file');
  const saves = await ask('CONFIG', 'GET', 'save').then(
    (answer) => (answer as string[])[1] ?? '',
    () => undefined,
  );
  if (saves === undefined)
    return {
      level: 'note',
      what: 'persistence: without an append-only file, and CONFIG is not allowed, so snapshots are unknown',
    };
  if (saves !== '')
    return {
      level: 'note',
      what: 'persistence: snapshots alone; a crash loses the sessions and renewed tokens since the last one',
      remedy: 'Set appendonly yes.',
    };
  return {
    level: 'warning',
    what: 'no persistence: a restart of Redis signs everybody out, and loses every connection',
    remedy: 'Set appendonly yes.',
  };
}

function memory(info: Info): Finding | undefined {
  const [used, most] = [Number(info.get('used_memory')), Number(info.get('maxmemory'))];
  if (!(most > 0) || used / most < 0.9) return undefined;
  return {
    level: 'warning',
    what: `its memory is ${Math.round((used / most) * 100)} % full; when it is, nobody can connect or renew`,
    remedy: 'Raise maxmemory.',
  };
}

async function clock(ask: RedisServer['ask'], now: () => number): Promise<Finding | undefined> {
  const before = now();
  const time = await ask('TIME').catch(() => undefined);
  if (time === undefined) return undefined;
  const [seconds, micros] = time as [string, string];
  const off = Number(seconds) * 1000 + Number(micros) / 1000 - (before + now()) / 2;
  if (Math.abs(off) <= tolerable) return fine('its clock agrees with this one');
  return {
    level: 'warning',
    what: `its clock is ${Math.round(Math.abs(off) / 1000)} s ${off > 0 ? 'ahead of' : 'behind'} this one`,
    remedy: 'Synchronize both (NTP).',
  };
}
