import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Stage } from '../../test/store-faults/stage.js';
import { createBrowser, type Browser } from '../../test/world/browser.js';
import { eventually, freePorts } from '../../test/world/redis.js';

/** The naive application over the same store, authorization server and API as ours. */
export interface NaiveStage {
  ports: readonly number[];
  children: readonly ChildProcess[];
  /** A browser that is signed in, with a token that counts as expired after so many seconds. */
  person(lifetime: number): Promise<Browser>;
  stop(): void;
}

/** Beside this file, and from where the measuring programmes compile it to (dist/bench/bench/faults). */
const program = ['./naive.js', '../../../../bench/faults/naive.js']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .reduce((near, far) => (existsSync(near) ? near : far));

export const naivePath = '/api/v1/things';

export async function startNaive(stage: Stage, redisUrl: string, count: number): Promise<NaiveStage> {
  const { server, upstream } = stage;
  const secrets = server.environment('x');
  const ports = await freePorts(count);
  const launch = (port: number): ChildProcess =>
    spawn(process.execPath, [program], {
      stdio: 'ignore',
      env: {
        PORT: String(port),
        REDIS_URL: redisUrl,
        UPSTREAM_URL: upstream.origin,
        TOKEN_URL: `${server.base}/token`,
        SECRET: 'a secret of the naive application',
        CLIENT_ID: secrets['X_CLIENT_ID'] ?? '',
        CLIENT_SECRET: secrets['X_CLIENT_SECRET'] ?? '',
      },
    });
  const children = ports.map(launch);
  const isUp = (port: number) =>
    eventually(async () => (await createBrowser(`http://127.0.0.1:${port}`).get(naivePath)).status === 401);
  await Promise.all(ports.map(isUp));
  return {
    ports,
    children,
    async person(lifetime) {
      const browser = createBrowser(`http://127.0.0.1:${ports[0] ?? 0}`);
      const { accessToken, refreshToken } = server.grants.issue({ sub: 'p', scope: 'openid', dead: false }, true);
      await browser.post('/login', { json: { accessToken, refreshToken, expiresAt: Date.now() + lifetime * 1000 } });
      return browser;
    },
    stop: () => children.forEach((child) => child.kill('SIGKILL')),
  };
}
