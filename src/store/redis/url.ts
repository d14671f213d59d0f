/** Which Redis is used and how, as REDIS_URL and the variables beside it say. */
export interface RedisPlace {
  url: string;
  /** The text of REDIS_CA_FILE: certificates, in PEM, that sign the server's. Without it those that Node trusts. */
  ca?: string | undefined;
  sentinelUsername?: string | undefined;
  sentinelPassword?: string | undefined;
  /** Stands before the name of every key and every channel, so that two deployments can share one Redis. */
  prefix?: string | undefined;
}

/** Where Redis is and how to sign in there, as REDIS_URL states it. */
export type RedisAddress = RedisCredentials & { tls: boolean } & (
    | { kind: 'single'; nodes: [RedisNode]; db: number }
    | { kind: 'sentinel'; nodes: RedisNode[]; master: string }
    | { kind: 'cluster'; nodes: RedisNode[] }
  );

/** For the data nodes; sentinels have a password of their own. */
export interface RedisCredentials {
  username?: string;
  password?: string;
}

export interface RedisNode {
  host: string;
  port: number;
}

/** REDIS_URL cannot be used. The message says what is wrong and what would be right, and quotes no part of the URL. */
export class RedisUrlError extends Error {
  override readonly name = 'RedisUrlError';
}

const forms = [
  'redis[s]://user:password@host:6379/0',
  'redis[s]+sentinel://user:password@host:26379,host:26379/master-name',
  'redis[s]+cluster://user:password@host:6379,host:6379',
].join(', ');

/** Reads one of the three forms of REDIS_URL. Throws RedisUrlError. */
export function parseRedisUrl(url: string): RedisAddress {
  const [, secure, form, rest] = /^redis(s?)(?:\+(sentinel|cluster))?:\/\/(.*)$/is.exec(url.trim()) ?? [];
  if (rest === undefined) throw refused('does not begin like one of the known forms');
  // The last @, because a password may hold one that nobody has escaped.
  const at = rest.lastIndexOf('@');
  const credentials = readCredentials(at < 0 ? '' : rest.slice(0, at));
  const place = rest.slice(at + 1);
  if (/[?#]/.test(place)) throw refused('holds a ? or a #, but takes no options');
  const slash = place.indexOf('/');
  const path = slash < 0 ? '' : place.slice(slash + 1);
  const kind = (form?.toLowerCase() ?? 'single') as RedisAddress['kind'];
  const hosts = (slash < 0 ? place : place.slice(0, slash)).split(',');
  const nodes = hosts.map((text) => readNode(text, kind === 'sentinel' ? 26379 : 6379));
  const common = { ...credentials, tls: secure !== '' };
  if (kind === 'sentinel') return { kind, ...common, nodes, master: readMaster(path) };
  if (kind === 'cluster') {
    if (path !== '' && path !== '0') throw refused('names a database, but a cluster has only one');
    return { kind, ...common, nodes };
  }
  const [node, another] = nodes;
  if (!node || another) throw refused('names several hosts, which needs +sentinel or +cluster in its scheme');
  return { kind, ...common, nodes: [node], db: readDatabase(path) };
}

function readCredentials(text: string): RedisCredentials {
  if (text === '') return {};
  const colon = text.indexOf(':');
  if (colon < 0) throw refused('names a user without a password (a password alone is written :password@)');
  const username = decode(text.slice(0, colon), 'user name');
  const password = decode(text.slice(colon + 1), 'password');
  if (password === '') throw refused('has an empty password');
  return { ...(username === '' ? {} : { username }), password };
}

function readNode(text: string, defaultPort: number): RedisNode {
  const [, v6, name, portText] = /^(?:\[([0-9a-f:.]+)\]|([^[\]:\s]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = v6 ?? name;
  if (host === undefined) throw refused('has a host that is not host, host:port or [IPv6 address]:port');
  const port = portText === undefined ? defaultPort : Number(portText);
  if (port < 1 || port > 65535) throw refused('has a port that is not between 1 and 65535');
  return { host, port };
}

function readMaster(path: string): string {
  const master = decode(path, 'master name');
  if (!/^[\w.-]+$/.test(master)) throw refused("must end in the master's name, as the sentinels know it");
  return master;
}

function readDatabase(path: string): number {
  if (!/^\d{0,5}$/.test(path)) throw refused('has a database that is not a number');
  return Number(path);
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refused(`has a ${what} with a broken % escape (a plain % is written %25)`);
  }
}

function refused(problem: string): RedisUrlError {
  return new RedisUrlError(`REDIS_URL ${problem}. Known forms: ${forms}`);
}
