import { silentLog } from '../../log/log.js';
import { checkChangeTracking } from '../../store/redis/change-tracking.js';
import { probeKey } from '../../store/keys.js';
import { storeFailureCode } from '../../store/redis/failure.js';
import { aclRules, missingRights } from '../../store/redis/rights.js';
import { openRedisServers, type RedisServer } from '../../store/redis/servers.js';
import { parseRedisUrl, type RedisPlace } from '../../store/redis/url.js';
import { isLoopback } from '../../config/loopback.js';
import type { OpenedStore } from '../../store/store.js';
import { openReadyStore } from '../ready-store.js';
import { notLookedAt, place } from './configuration-check.js';
import { fine, type Check, type Finding, type Situation } from './finding.js';
import { serverFindings } from './redis-server-findings.js';

/** Whether the store can be used, and will keep what it is given. */
export const redisCheck: Check = {
  title: 'Redis',
  look: async (situation) => {
    const { redis } = situation.configuration;
    const refused = notLookedAt('REDIS_URL', situation);
    if (refused) return [refused];
    if (!redis)
      return [
        { level: 'note', what: 'not set: sessions are in the process and end with it', remedy: 'Set REDIS_URL.' },
      ];
    try {
      const found = [...wireFindings(redis, situation), ...(await inside(redis, situation))];
      const worst = found.some(({ level }) => level === 'problem' || level === 'warning');
      return worst ? found : [fine(`${kindOf(redis)}, usable`), ...found];
    } catch (error) {
      return [unusable(error, situation)];
    }
  },
};

async function inside(redis: RedisPlace, situation: Situation): Promise<Finding[]> {
  const servers = await openRedisServers(redis);
  try {
    const each = await Promise.all(servers.all.map((server) => serverFindings(server, situation.now)));
    const refused = await rightsFindings(servers.all, redis, situation);
    const worst = (wanted: Finding['level']) => refused.some(({ level }) => level === wanted);
    const reports = worst('warning') ? [] : await trackingFindings(redis);
    const writes = worst('problem') ? [] : await writeFindings(redis, situation);
    return [...each.flat(), ...refused, ...reports, ...writes];
  } finally {
    servers.close();
  }
}

const remedies: Readonly<Record<string, string>> = {
  WRONGPASS: 'Correct the user and the password in REDIS_URL.',
  NOAUTH: 'It asks for a password: write it into REDIS_URL, as in redis://:password@host.',
  NOPERM: 'Give its user the rights that docs/deployment.md lists, and +select where REDIS_URL names a database.',
  ECONNREFUSED: 'Start it, or correct host and port.',
  ENOTFOUND: 'The host has no address: correct its name.',
  TIMEOUT: 'It does not answer: correct host and port, or let the firewall pass it.',
  OOM: 'Its memory is full: raise maxmemory.',
  READONLY: 'It is a replica: name the master, or its sentinels.',
  DBINDEX: 'It has no database of that number.',
};

function unusable(error: unknown, situation: Situation): Finding {
  const code = storeFailureCode(error);
  const tls = /CERT|TLS|SSL|VERIFY|ALTNAME/.test(code);
  return {
    level: 'problem',
    where: place('REDIS_URL', situation),
    what: `Redis cannot be used (${code})`,
    remedy:
      remedies[code] ??
      (tls
        ? 'Its certificate is not believed, or it speaks no TLS: see REDIS_CA_FILE, and redis:// against rediss://.'
        : 'See that it runs, and that host, port and password are right.'),
  };
}

function wireFindings({ url }: RedisPlace, situation: Situation): Finding[] {
  const { tls, nodes, password } = parseRedisUrl(url);
  const near = nodes.every(({ host }) => isLoopback(host) || !/[.:]/.test(host));
  const found: Finding[] = [];
  const where = place('REDIS_URL', situation);
  if (!tls && !near)
    found.push({
      level: 'warning',
      where,
      what: 'the way to Redis is not encrypted',
      remedy: 'Use rediss://, unless the network between is yours alone. Tokens are sealed; session records are not.',
    });
  if (password === undefined)
    found.push({
      level: situation.configuration.production ? 'warning' : 'note',
      where,
      what: 'Redis asks for no password',
      remedy: 'Set one: whoever reaches it can end every session.',
    });
  return found;
}

/** Which commands the user may not use, and what is lost without them. */
async function rightsFindings(
  servers: readonly RedisServer[],
  { prefix }: RedisPlace,
  situation: Situation,
): Promise<Finding[]> {
  const each = await Promise.all(servers.map((server) => missingRights(server, prefix)));
  const missing = (part: 'store' | 'changes' | 'operator') => [...new Set(each.flatMap((found) => found[part]))];
  const where = place('REDIS_URL', situation);
  const remedy = `Give the user these rules: ${aclRules(prefix).join(' ')}`;
  const list = (names: readonly string[]) => names.join(', ');
  const found: Finding[] = [];
  const [store, changes, operator] = [missing('store'), missing('changes'), missing('operator')];
  if (store.length > 0)
    found.push({
      level: 'problem',
      where,
      what: `its user may not use ${list(store)}: the server is not ready`,
      remedy,
    });
  if (changes.length > 0)
    found.push({
      level: 'warning',
      where,
      what: `its user may not use ${list(changes)}: every proxied call asks Redis, and others do not see at once that a process has ended`,
      remedy,
    });
  if (operator.length > 0)
    found.push({
      level: 'note',
      where,
      what: `its user may not use ${list(operator)}: the commands sessions and keys, or this one, know less`,
      remedy,
    });
  return found;
}

async function trackingFindings(redis: RedisPlace): Promise<Finding[]> {
  const answer = await checkChangeTracking(redis);
  if (answer === 'allowed') return [fine('reports changes: proxied calls are answered without asking it')];
  if (answer === 'unseen')
    return [
      {
        level: 'warning',
        what: 'it does not let this user subscribe to the channels gh:process:*: others do not see that a process lives',
        remedy: `Allow the user ${aclRules(redis.prefix)[2] ?? ''}.`,
      },
    ];
  if (answer === 'none') return [{ level: 'note', what: 'a cluster: every proxied call asks it once' }];
  return [
    {
      level: 'warning',
      what: 'it does not report changes to this user (CLIENT TRACKING): every proxied call asks it once',
      remedy:
        'Use Redis 6 or newer, and allow the user client|tracking, client|id, subscribe and __redis__:invalidate.',
    },
  ];
}

/** What the server does at each step: a guarded write, a read, a counter. Nothing remains. */
async function writeFindings(redis: RedisPlace, situation: Situation): Promise<Finding[]> {
  let store: OpenedStore | undefined;
  const key = probeKey(`doctor-${process.pid}`);
  try {
    store = await openReadyStore(redis, silentLog);
    await store.commit([], [{ key, value: Buffer.from('1'), ttlMs: 5_000 }]);
    await store.get(key);
    await store.commit([{ key, exists: true }], [{ key, delete: true }]);
    return [];
  } catch (error) {
    return [{ ...unusable(error, situation), what: `Redis does not take writes (${storeFailureCode(error)})` }];
  } finally {
    await store?.close();
  }
}

function kindOf({ url }: RedisPlace): string {
  const { kind, tls } = parseRedisUrl(url);
  return `${kind === 'single' ? 'one server' : kind}${tls ? ' over TLS' : ''}`;
}
