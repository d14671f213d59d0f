import { sign } from 'cookie-signature';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { newConnectionId } from '../src/connections/cell.js';
import { createConnectionIndexes } from '../src/connections/connection-index.js';
import { createConnectionStore } from '../src/connections/connection-store.js';
import { createVault } from '../src/connections/vault.js';
import { createLog } from '../src/log/log.js';
import { createSessions } from '../src/sessions/sessions.js';
import { formatSessionId, newSessionId } from '../src/sessions/session-id.js';
import type { TokenSet } from '../src/oauth/token-set.js';
import { connectionKey } from '../src/store/keys.js';
import { connectRedisStore } from '../src/store/redis/redis-store.js';
import { eventually } from '../test/world/redis.js';
import type { Contestant, Surroundings } from './contestant.js';
import { launch, root } from './process.js';

export const gatehouseName = 'Gatehouse';
export const secrets = { session: randomBytes(32).toString('hex'), encryption: randomBytes(32) };
const log = createLog({ level: 'silent', format: 'json' });
const day = 86_400_000;

export interface GatehouseOptions {
  /** Providers on offer besides the one that is called. */
  furtherProviders?: number;
}

/** `node dist/main.js` with its log in a file, and a session with one connection in its Redis. */
export async function startGatehouse(surroundings: Surroundings, options: GatehouseOptions = {}): Promise<Contestant> {
  const { directory, redisUrl, freePort } = surroundings;
  const { furtherProviders = 0 } = options;
  const port = await freePort();
  const ids = ['acme', ...Array.from({ length: furtherProviders }, (_, index) => `acme-${index}`)];
  const env = {
    NODE_ENV: 'development',
    PORT: String(port),
    METRICS_PORT: String(await freePort()),
    REDIS_URL: redisUrl,
    SESSION_SECRET: secrets.session,
    ENCRYPTION_KEYS: `k1:${secrets.encryption.toString('base64')}`,
    PROVIDERS_DIR: writeProviders(join(directory, `providers-${port}`), ids, surroundings.upstreamUrl),
    SANDBOX: 'off',
    LOG_LEVEL: 'info',
    LOG_FORMAT: 'json',
    ...Object.fromEntries(ids.map((id) => [`${id.toUpperCase().replaceAll('-', '_')}_CLIENT_ID`, 'bench'])),
  };
  const args = [...(process.env['BENCH_NODE_OPTIONS']?.split(' ') ?? []), `${root}dist/main.js`];
  const logFile = join(directory, `gatehouse-${port}.log`);
  const began = performance.now();
  const { child, stop } = await launch({ command: process.execPath, args, env, port, logFile });
  while ((await fetch(`http://127.0.0.1:${port}/readyz`)).status !== 200) await pause(5);
  const startedMs = performance.now() - began;
  const [cookie = ''] = await seedSessions(redisUrl, 1, surroundings.token);
  return {
    name: gatehouseName,
    url: `http://127.0.0.1:${port}/proxy/acme`,
    headers: { Cookie: cookie, 'X-CSRF': '1' },
    pid: child.pid ?? 0,
    startedMs,
    stop,
  };
}

function writeProviders(directory: string, ids: readonly string[], upstreamUrl: string): string {
  mkdirSync(directory);
  for (const id of ids)
    writeFileSync(
      join(directory, `${id}.yaml`),
      `id: ${id}
extends: generic-oauth2
name: ${id}
endpoints: { authorization: '${upstreamUrl}/authorize', token: '${upstreamUrl}/token' }
client_authentication: none
scopes: [read]
api: { base_url: '${upstreamUrl}' }
`,
    );
  return directory;
}

/** What a seeded session's connection holds; a token alone is good for a day. */
export type Seed = string | Pick<TokenSet, 'accessToken' | 'refreshToken' | 'expiresAt'>;

/**
 * Sessions with one connection each, written by the server's own code; a Cookie header for each. They share the token,
 * or each is given its own.
 */
export async function seedSessions(
  redisUrl: string,
  count: number,
  token: string | ((index: number) => Seed),
): Promise<string[]> {
  const store = connectRedisStore(redisUrl, { log });
  await eventually(() => store.get(connectionKey('none', 'acme')).then(() => true));
  const vault = createVault([{ id: 'k1', key: secrets.encryption }]);
  const sessions = createSessions({
    store,
    vault,
    held: { cells: () => Promise.resolve([]), rememberedCells: () => Promise.resolve([]) },
    configuration: {
      sessionSecrets: [secrets.session],
      sessionIdleSeconds: (7 * day) / 1000,
      sessionMaxSeconds: (30 * day) / 1000,
    },
    now: Date.now,
  });
  const connections = createConnectionStore({ store, vault, registry: { get: () => undefined }, log });
  const indexes = createConnectionIndexes({ store, vault });
  const now = Date.now();
  const seed = async (index: number): Promise<string> => {
    const id = newSessionId();
    const key = connectionKey(id.browserId, 'acme');
    const connection = connectionWith(typeof token === 'string' ? token : token(index), now);
    const sealed = connections.seal(key, connection);
    const session = { createdAt: now, rotatedAt: now };
    const ttlMs = sessions.lifetime(session);
    const entries = [{ id: connection.id, cell: 'acme' }];
    await sessions.create(id, session, [{ key, value: sealed, ttlMs }, indexes.write(id.browserId, entries, ttlMs)]);
    return `gatehouse=${encodeURIComponent(`s:${sign(formatSessionId(id), secrets.session)}`)}`;
  };
  const cookies: string[] = [];
  while (cookies.length < count) {
    const from = cookies.length;
    const batch = Array.from({ length: Math.min(100, count - from) }, (_, index) => seed(from + index));
    cookies.push(...(await Promise.all(batch)));
  }
  await store.close();
  return cookies;
}

function connectionWith(seed: Seed, now: number) {
  const tokens = typeof seed === 'string' ? { accessToken: seed } : seed;
  return {
    id: newConnectionId('acme'),
    provider: 'acme',
    clientId: 'bench',
    connectedAt: now,
    account: { subject: 'person-1', label: 'jo@example.test' },
    tokens: {
      refreshToken: randomBytes(32).toString('base64url'),
      scopes: ['read'],
      obtainedAt: now,
      expiresAt: now + day,
      ...tokens,
      expirySource: 'expires_in' as const,
    },
    requestedScopes: ['read'],
  };
}
