import { freePort } from '../../test/world/listen.js';
import { createProvidersDirectory } from '../../test/world/providers-directory.js';
import { startRedis, type RedisServer } from '../../test/world/redis.js';
import { secrets } from '../gatehouse.js';
import { startApi, type Api } from './api.js';
import { startAuthorizationServer, type AuthorizationServer } from './authorization-server.js';
import { startFleet, type Fleet } from './fleet.js';
import { createGrants, type Grants } from './grants.js';
import { seedPeople } from './people.js';
import type { Person } from './person.js';
import type { Sandbox } from '../../src/sandbox/sandbox.js';
import { openSandbox } from './sandbox-world.js';

export interface StageOptions {
  sessions: number;
  processes: number;
  /** Seconds an access token lives. */
  tokenLifetime: number;
  /** For the server processes, besides what they need. */
  env?: Readonly<Record<string, string>>;
}

/** Everything that takes part. */
export interface Stage {
  redis: RedisServer;
  grants: Grants;
  server: AuthorizationServer;
  api: Api;
  fleet: Fleet;
  people: Person[];
  sandbox: Sandbox;
  publicUrl: string;
  /** Of a call whose answer is the caller's canary. */
  path: string;
  close(): Promise<void>;
}

/**
 * Redis writes its journal before it answers, so that its death is no excuse for anything. The machine does not die here,
 * and so nothing waits for its disk, which the load shares.
 */
const durable = ['--appendonly', 'yes', '--appendfsync', 'no'];

export async function openStage({
  sessions,
  processes,
  tokenLifetime,
  env: further = {},
}: StageOptions): Promise<Stage> {
  const redis = await startRedis({ args: durable });
  const grants = createGrants(tokenLifetime);
  const [server, api] = [await startAuthorizationServer(grants), await startApi(grants)];
  const publicUrl = `http://localhost:${await freePort()}`;
  const { sandbox, files, env } = await openSandbox(publicUrl, tokenLifetime);
  const directory = await createProvidersDirectory({ ...files, acme: providerFile(server, api) });
  const people = await seedPeople(redis.url, sessions, grants);
  const fleet = await startFleet(processes, {
    ...env,
    PUBLIC_URL: publicUrl,
    REDIS_URL: redis.url,
    SESSION_SECRET: secrets.session,
    ENCRYPTION_KEYS: `k1:${secrets.encryption.toString('base64')}`,
    PROVIDERS_DIR: directory.path,
    ACME_CLIENT_ID: 'bench',
    TRUST_PROXY: 'loopback',
    LOG_LEVEL: 'error',
    ...further,
  });
  return {
    redis,
    grants,
    server,
    api,
    fleet,
    people,
    sandbox,
    publicUrl,
    path: '/proxy/acme/v1/me',
    async close() {
      await fleet.stop();
      await Promise.all([server.close(), api.close(), sandbox.close(), redis.stop(), directory.remove()]);
    },
  };
}

function providerFile(server: AuthorizationServer, api: Api): string {
  return `id: acme
extends: generic-oauth2
name: Acme
endpoints:
  authorization: '${server.origin}/authorize'
  token: '${server.origin}/token'
  revocation: '${server.origin}/revoke'
client_authentication: none
scopes: [read]
revocation: { token: refresh_token, ends: grant }
api: { base_url: '${api.origin}' }
`;
}
