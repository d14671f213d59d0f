import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { openStage } from '../../test/store-faults/stage.js';
import { createBrowser } from '../../test/world/browser.js';
import { freePort } from '../../test/world/listen.js';
import { eventually, startRedis } from '../../test/world/redis.js';
import type { Answer } from '../../test/world/transport.js';
import type { Row } from './row.js';

const atOnce = 100;

/** One expired token, 100 calls at once over two processes, refresh tokens that rotate and may not come twice. */
export async function parallelRefresh(): Promise<Row[]> {
  const redis = await startRedis();
  const stage = await openStage({ redisUrl: redis.url, env: { LOG_LEVEL: 'error' } });
  const { server, upstream } = stage;
  const [one, two] = [await stage.start(), await stage.start()];
  server.bend.token = { body: { expires_in: 1 } };
  const [near, far] = [stage.person(one), stage.person(one)];
  await near.connect();
  far.at(two);
  for (const { name, value } of near.browser.cookies()) far.browser.setCookie(name, value);
  const ours = await measure(
    'Gatehouse',
    server.calls,
    (index) => (index % 2 ? near : far).call(),
    () => slowly(),
  );

  const secrets = server.environment('x');
  const ports = [await freePort(), await freePort()];
  const children = ports.map((port) =>
    spawn(process.execPath, [new URL('../../../../bench/faults/naive.js', import.meta.url).pathname], {
      stdio: 'ignore',
      env: {
        PORT: String(port),
        REDIS_URL: redis.url,
        UPSTREAM_URL: upstream.origin,
        TOKEN_URL: `${server.base}/token`,
        SECRET: 'a secret of the naive application',
        CLIENT_ID: secrets['X_CLIENT_ID'] ?? '',
        CLIENT_SECRET: secrets['X_CLIENT_SECRET'] ?? '',
      },
    }),
  );
  const browser = createBrowser(`http://127.0.0.1:${ports[0] ?? 0}`);
  await eventually(async () => {
    const answers = await Promise.all(ports.map((port) => browser.get(`http://127.0.0.1:${port}/api/x`)));
    return answers.every(({ status }) => status === 401);
  });
  const { accessToken, refreshToken } = server.grants.issue({ sub: 'p', scope: 'openid', dead: false }, true);
  await browser.post('/login', { json: { accessToken, refreshToken, expiresAt: Date.now() + 1000 } });
  const at = (index: number) => browser.get(`http://127.0.0.1:${ports[index % 2] ?? 0}/api/v1/things`);
  const theirs = await measure('tokens in req.session, no lock', server.calls, at, () => slowly());
  for (const child of children) child.kill('SIGKILL');
  await stage.close();
  await redis.stop();
  return [ours, theirs];

  function slowly(): void {
    server.bend.token = { wait: 100 };
  }
}

async function measure(
  who: string,
  calls: { token: number },
  call: (index: number) => Promise<Answer>,
  prepare: () => void,
): Promise<Row> {
  await pause(1500);
  prepare();
  const before = calls.token;
  const times: number[] = [];
  const answers: Record<string, number> = {};
  const began = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async (_, index) => {
      const { status } = await call(index);
      times.push(performance.now() - began);
      answers[status] = (answers[status] ?? 0) + 1;
    }),
  );
  const tokenCalls = calls.token - before;
  const later = await call(0);
  return {
    what: `an expired token, two processes: ${who}`,
    load: `${atOnce} at once`,
    faults: 1,
    answers,
    longestMs: Math.max(...times),
    tokenCalls,
    connectionsLost: later.status === 200 ? 0 : 1,
    recoveryMs: undefined,
  };
}
