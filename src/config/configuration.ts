import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { logLevels, type LogLevel } from '../log/log.js';
import { compact } from '../compact.js';
import type { ProxySettings } from '../http/dispatcher.js';
import { readProxies } from './outgoing-proxies.js';
import { readOwnership, type Ownership } from './ownership.js';
import { readAllowedOrigins } from './allowed-origins.js';
import { ConfigurationError } from './configuration-error.js';
import { readEnvironment, type Environment, type FileFindings, type Variables } from './environment.js';
import { encryptionKeys, refuseIfSample, refuseMadeSample, sessionSecrets, type EncryptionKey } from './secrets.js';

export interface OwnerConfiguration {
  jwksUrl?: URL;
  secret?: string;
  audience: string;
}

/** Everything that is set from outside, read once and whole. */
export interface Configuration {
  production: boolean;
  /** What browsers see: an origin and perhaps a path, without a slash at the end. */
  publicUrl: URL;
  /** The path of PUBLIC_URL: '' or '/path'. */
  basePath: string;
  host: string;
  port: number;
  /** Absent: metrics are off. */
  metricsPort?: number;
  metricsHost: string;
  /** Seconds that a connection is kept between two requests. */
  keepAliveSeconds: number;
  /** Whether an upstream is sent traceparent and tracestate. */
  traceUpstream: boolean;
  redis?: { url: string; ca?: string; sentinelUsername?: string; sentinelPassword?: string; prefix?: string };
  /** The first signs, all verify. */
  sessionSecrets: readonly string[];
  /** The first encrypts, all decrypt. */
  encryptionKeys: readonly EncryptionKey[];
  providersDirectory?: string;
  /** The operator's own templates and style sheets; each file there replaces ours of that name. */
  viewsDirectory?: string;
  sessionIdleSeconds: number;
  sessionMaxSeconds: number;
  /** Connections that one holder may have. */
  connectionsPerHolder: number;
  /** Proxied calls that one session may have under way in this process. */
  proxyCallsPerSession: number;
  /** The way out of this network; absent: straight. */
  proxies?: ProxySettings | undefined;
  /** Addresses and networks of the proxies in front, or how many of them there are. */
  trustProxy: readonly string[] | number;
  /** What the names of our cookies begin with. */
  cookieName: string;
  /** Origins of the front end beside our own. */
  allowedOrigins: readonly string[];
  /** Headers of an API's response that scripts of those origins may read, beside the usual ones. */
  exposedHeaders: readonly string[];
  owner?: OwnerConfiguration;
  /** Absent: connections belong to sessions. */
  ownership?: Ownership;
  /** undefined: on when nothing is configured in development. */
  sandbox?: boolean;
  sandboxPort: number;
  /** Entries of the catalogue or of PROVIDERS_DIR that the sandbox emulates beside its own. */
  sandboxProviders: readonly string[];
  logLevel: LogLevel;
  logFormat: 'json' | 'text';
  warnings: readonly string[];
}

interface Gathered {
  configuration: Configuration;
  /** Holds every problem; with one in it the configuration is not to be used. */
  environment: Environment;
}

/** Reads the configuration, or throws ConfigurationError with every problem by name. */
export function readConfiguration(variables: Variables): Gathered {
  const gathered = gatherConfiguration(variables);
  refuseToStart(gathered.environment);
  return gathered;
}

/** Throws ConfigurationError where anything was refused. */
export function refuseToStart({ problems }: Environment): void {
  if (problems.length > 0) throw new ConfigurationError(problems);
}

/** Reads the configuration and leaves the problems in the environment, for those who look for more of them. */
export function gatherConfiguration(variables: Variables, file: FileFindings = {}): Gathered {
  const environment = readEnvironment(variables, file);
  const { text, integer, refuse } = environment;
  const mode = text('NODE_ENV');
  const production = mode === 'production';
  if (!production && mode !== undefined && /^prod/i.test(mode))
    refuse('NODE_ENV', 'it is almost production, and would mean development', 'Write production, in small letters.');
  const port = integer('PORT', 3000, { from: 1, to: 65535 });
  const publicUrl = readPublicUrl(environment, production, port);
  const idle = integer('SESSION_IDLE_SECONDS', 604_800, { from: 1, to: 31_536_000 });
  const owner = readOwner(environment, production);
  const max = integer('SESSION_MAX_SECONDS', 2_592_000, { from: 1, to: 31_536_000 });

  const configuration: Configuration = {
    production,
    publicUrl,
    basePath: publicUrl.pathname.replace(/\/+$/, ''),
    host: text('HOST') ?? '127.0.0.1',
    port,
    ...readMetricsPort(environment),
    metricsHost: text('METRICS_HOST') ?? '127.0.0.1',
    keepAliveSeconds: integer('KEEP_ALIVE_SECONDS', 65, { from: 1, to: 86_400 }),
    traceUpstream: choice(environment, 'TRACE_UPSTREAM', ['on', 'off'], 'on') === 'on',
    ...readRedis(environment, production),
    sessionSecrets: sessionSecrets(environment, production),
    encryptionKeys: encryptionKeys(environment, production),
    ...compact({ providersDirectory: text('PROVIDERS_DIR'), viewsDirectory: text('VIEWS_DIR') }),
    sessionIdleSeconds: Math.min(idle, max),
    sessionMaxSeconds: max,
    connectionsPerHolder: integer('CONNECTIONS_PER_HOLDER', 50, { from: 1, to: 1000 }),
    proxyCallsPerSession: integer('PROXY_CALLS_PER_SESSION', 100, { from: 1, to: 100_000 }),
    proxies: readProxies(environment),
    trustProxy: readTrustProxy(environment),
    cookieName: readCookieName(environment),
    allowedOrigins: readAllowedOrigins(environment, publicUrl),
    exposedHeaders: readExposedHeaders(environment),
    ...compact({ owner, ownership: readOwnership(environment, owner !== undefined, production) }),
    ...compact({ sandbox: readSandbox(environment, production) }),
    sandboxProviders: readSandboxProviders(environment, production),
    sandboxPort: integer('SANDBOX_PORT', 3100, { from: 1, to: 65535 }),
    logLevel: choice(environment, 'LOG_LEVEL', logLevels, 'info'),
    logFormat: choice(environment, 'LOG_FORMAT', ['json', 'text'], production ? 'json' : 'text'),
    warnings: environment.warnings,
  };
  return { configuration, environment };
}

/** Addresses and networks, or one whole number: how many proxies stand between the visitor and this server. */
function readTrustProxy({ list, refuse }: Environment): readonly string[] | number {
  const entries = list('TRUST_PROXY');
  const [first = ''] = entries;
  if (entries.length === 1 && /^(?:[1-9]|[12]\d|3[0-2])$/.test(first)) return Number(first);
  if (!entries.every(isNetwork))
    refuse(
      'TRUST_PROXY',
      'an entry is not an address',
      'List addresses or networks, as in 10.0.0.0/8, or loopback; or write how many proxies there are, from 1 to 32.',
    );
  return entries;
}

/** The part that the operator chooses. Behind it come the purposes, and before it `__Host-`, which follows PUBLIC_URL. */
function readCookieName({ text, refuse }: Environment): string {
  const name = text('COOKIE_NAME') ?? 'gatehouse';
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name) || name.startsWith('__'))
    refuse(
      'COOKIE_NAME',
      'it is not a plain name',
      'Use 1 to 64 letters, digits, - and _, as in gatehouse-staging; __Host- is added with https.',
    );
  return name;
}

function readExposedHeaders({ list, refuse }: Environment): string[] {
  const names = list('EXPOSED_HEADERS');
  const bad = names.find((name) => !/^[\w!#$%&'+.^`|~-]{1,100}$/.test(name) || /^set-cookie2?$/i.test(name));
  if (bad !== undefined)
    refuse(
      'EXPOSED_HEADERS',
      'an entry is not the name of a header that scripts may read',
      'List names as in X-Page-Count, X-Company-Id; * and Set-Cookie have no effect with credentials.',
    );
  return names;
}

/** An address, a network, or one of the names that stand for networks. */
function isNetwork(entry: string): boolean {
  if (/^(loopback|linklocal|uniquelocal)$/.test(entry)) return true;
  const [address = '', bits, ...rest] = entry.split('/');
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  return version !== 0 && rest.length === 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most));
}

/** `off`, or 0 as many programs have it: no metrics. */
function readMetricsPort({ text, integer }: Environment): Pick<Configuration, 'metricsPort'> {
  const value = text('METRICS_PORT');
  if (value === 'off' || value === '0') return {};
  return { metricsPort: integer('METRICS_PORT', 9464, { from: 1, to: 65535 }) };
}

function readPublicUrl({ text, refuse }: Environment, production: boolean, port: number): URL {
  const fallback = new URL(`http://localhost:${port}`);
  const value = text('PUBLIC_URL');
  if (value === undefined) {
    if (production) refuse('PUBLIC_URL', 'it is not set', 'Set the https address that browsers see.');
    return fallback;
  }
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    refuse(
      'PUBLIC_URL',
      'it is not a web address',
      'Write it like https://connect.example.com or https://example.com/connect.',
    );
    return fallback;
  }
  if (url.search || url.hash || url.username || url.password)
    refuse('PUBLIC_URL', 'it has a query, a fragment or a user', 'Leave only scheme, host, port and path.');
  if (/\/\/|\/\.{1,2}(\/|$)|%|[;\\]/.test(url.pathname))
    refuse('PUBLIC_URL', 'its path has empty, dot or encoded segments', 'Use a plain path such as /connect.');
  if (production && url.protocol !== 'https:')
    refuse('PUBLIC_URL', 'it is not https', 'Production needs https; TLS may end in a proxy in front.');
  return url;
}

function readRedis(environment: Environment, production: boolean): Pick<Configuration, 'redis'> {
  const { text, secret, refuse } = environment;
  const url = secret('REDIS_URL');
  if (url === undefined) {
    if (production)
      refuse(
        'REDIS_URL',
        'it is not set',
        'Production keeps its sessions in Redis; set redis://, rediss:// or one of their forms.',
      );
    return {};
  }
  const sentinelPassword = secret('REDIS_SENTINEL_PASSWORD');
  const [, password] = /^rediss?(?:\+\w+)?:\/\/[^:@/]*:(.+)@/i.exec(url) ?? [];
  if (password !== undefined) refuseIfSample(environment, 'REDIS_URL (its password)', password, production);
  if (sentinelPassword !== undefined)
    refuseIfSample(environment, 'REDIS_SENTINEL_PASSWORD', sentinelPassword, production);
  const caFile = text('REDIS_CA_FILE');
  let ca: string | undefined;
  try {
    if (caFile !== undefined) ca = readFileSync(caFile, 'utf8');
  } catch {
    refuse('REDIS_CA_FILE', `${caFile ?? ''} cannot be read`, 'Name a PEM file that this user may read.');
  }
  return {
    redis: {
      url,
      ...compact({
        ca,
        sentinelPassword,
        sentinelUsername: text('REDIS_SENTINEL_USERNAME'),
        prefix: readPrefix(environment),
      }),
    },
  };
}

/** Braces would decide the slot in a Redis Cluster, and *, ? and [ stand for other characters in SCAN. */
function readPrefix({ text, refuse }: Environment): string | undefined {
  const prefix = text('REDIS_PREFIX');
  if (prefix !== undefined && !/^[A-Za-z0-9:._/-]{1,64}$/.test(prefix))
    refuse('REDIS_PREFIX', 'it holds other characters', 'Use 1 to 64 letters, digits and : . _ / -, as in staging:');
  return prefix;
}

function readOwner(environment: Environment, production: boolean): OwnerConfiguration | undefined {
  const { text, secret, refuse } = environment;
  const jwks = text('OWNER_JWKS_URL');
  const shared = secret('OWNER_SECRET');
  const audience = text('OWNER_AUDIENCE');
  if (jwks === undefined && shared === undefined) {
    if (audience !== undefined) refuse('OWNER_AUDIENCE', 'it is set alone', 'Set OWNER_JWKS_URL or OWNER_SECRET, too.');
    return undefined;
  }
  if (jwks !== undefined && shared !== undefined)
    refuse('OWNER_SECRET', 'OWNER_JWKS_URL is set, too', 'Keep one of the two.');
  if (audience === undefined) refuse('OWNER_AUDIENCE', 'it is not set', 'Name the audience that the assertions carry.');
  if (shared !== undefined && Buffer.byteLength(shared) < 32)
    refuse('OWNER_SECRET', 'it is shorter than 32 bytes', 'Make one with: openssl rand -base64 32');
  else if (shared !== undefined) refuseMadeSample(environment, 'OWNER_SECRET', shared, production);
  if (jwks !== undefined && !URL.canParse(jwks))
    refuse('OWNER_JWKS_URL', 'it is not a web address', 'Write it like https://app.example.com/jwks.json.');
  else if (jwks !== undefined && production && new URL(jwks).protocol !== 'https:')
    refuse('OWNER_JWKS_URL', 'it is not https', 'Production fetches keys over https only.');
  return {
    ...compact({ jwksUrl: jwks !== undefined && URL.canParse(jwks) ? new URL(jwks) : undefined, secret: shared }),
    audience: audience ?? '',
  };
}

function readSandbox(environment: Environment, production: boolean): boolean | undefined {
  const value = environment.text('SANDBOX');
  if (value !== undefined && value !== 'on' && value !== 'off')
    environment.refuse('SANDBOX', 'it is neither on nor off', 'Write on or off, or leave it out.');
  if (value === 'on' && production)
    environment.refuse('SANDBOX', 'the sandbox is for development', 'Set SANDBOX=off, or leave it out.');
  return value === undefined ? (production ? false : undefined) : value === 'on';
}

function readSandboxProviders(environment: Environment, production: boolean): string[] {
  const value = environment.text('SANDBOX_PROVIDERS');
  if (value === undefined) return [];
  if (production) environment.refuse('SANDBOX_PROVIDERS', 'the sandbox is for development', 'Leave it out.');
  return [...new Set(value.split(/[\s,]+/).filter((id) => id !== ''))];
}

function choice<T extends string>(environment: Environment, name: string, choices: readonly T[], fallback: T): T {
  const value = environment.text(name);
  if (value === undefined) return fallback;
  const found = choices.find((each) => each === value);
  if (found === undefined) environment.refuse(name, 'it has an unknown value', `Use one of ${choices.join(', ')}.`);
  return found ?? fallback;
}
