import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { startApp } from '../world/app.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startProcess, type ServerProcess } from '../world/process.js';
import { eventually } from '../world/redis.js';
import { startRefreshWorld, type RefreshWorld } from './refresh-world.js';

let world: RefreshWorld;

/** What the provider file says of revoking one token: that it ends the token, the grant, or nothing. */
const files = { acme: 'token', whole: 'grant', unknown: undefined } as const;

beforeAll(async () => {
  const more = (ends: 'token' | 'grant' | undefined) => ({ revocation: { token: 'refresh_token', ends } });
  world = await startRefreshWorld({
    authorizationServer: { revocationEnds: 'grant' },
    providers: Object.fromEntries(Object.entries(files).map(([id, ends]) => [id, { more: more(ends) }])),
  });
});
afterEach(() => world.reset());
afterAll(() => world.close());

const call = (browser: Browser, provider: string) => browser.api.get(`/proxy/${provider}/invoices`);

/** A call whose refresh waits at the token endpoint until it is let on. */
async function refreshUnderWay(browser: Browser, provider: string) {
  let letOn: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (letOn = resolve));
  let arrived: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (arrived = resolve));
  world.server.bend.token = {
    on: 'refresh_token',
    times: 1,
    get wait() {
      arrived();
      return released;
    },
  };
  const called = call(browser, provider);
  await asked;
  return { called, letOn };
}

describe.each(['whole', 'unknown'])('where revoking a token of %s ends the whole grant, or may', (provider) => {
  test('a sign-in that comes to nothing leaves the grants of other sessions alone', async () => {
    const other = await world.connected(provider);
    world.server.bend.idToken = { claims: { nonce: 'another' } };
    const { finalUrl } = await connect(createBrowser(world.app.url), provider);
    expect(finalUrl.searchParams.get('connect_error')).toBe('nonce_mismatch');
    expect(world.server.revocations).toHaveLength(0);
    expect((await call(other, provider)).status).toBe(200);
  });

  test('tokens that lost against a disconnect are dropped, and other sessions of the account live on', async () => {
    const [browser, other] = [await world.connected(provider), await world.connected(provider)];
    world.forward(3600);
    const { called, letOn } = await refreshUnderWay(browser, provider);
    await browser.api.delete(`/api/connections/${provider}?revoke=false`);
    letOn();
    expect((await called).status).toBe(401);
    expect(world.server.revocations).toHaveLength(0);
    expect((await call(other, provider)).status).toBe(200);
  });

  test('an account that is not confirmed is forgotten, and another session that uses it lives on', async () => {
    const { person } = world.server;
    const browser = await world.connected(provider);
    world.server.person = { ...person, sub: 'person-2' };
    try {
      const other = await world.connected(provider);
      await connect(browser, provider, { confirm: 'cancel' });
      expect((await call(other, provider)).status).toBe(200);
      expect((await call(browser, provider)).status).toBe(200);
    } finally {
      world.server.person = person;
    }
    expect(world.server.revocations).toHaveLength(0);
  });

  test('a person who logs out ends the grant, also where another session lives on it', async () => {
    const [browser, other] = [await world.connected(provider), await world.connected(provider)];
    expect((await browser.api.post('/logout')).status).toBe(200);
    expect(world.server.revocations).toHaveLength(1);
    expect((await call(other, provider)).status).toBe(401);
  });
});

test('a late refresh without a new refresh token does not give back the one that is in use', async () => {
  world.server.options.rotation = false;
  try {
    const browser = await world.connected('acme');
    world.forward(3600);
    const { called, letOn } = await refreshUnderWay(browser, 'acme');
    // Another process refreshes with the same refresh token once the lock is gone.
    const [lock = ''] = (await world.redis.cli('keys', '*lock:acme')).split('\n');
    const [note = ''] = (await world.redis.cli('keys', '*sent:acme')).split('\n');
    await world.redis.cli('del', lock, note);
    const second = await startApp({ ...world.env, PUBLIC_URL: world.app.url }, world.now);
    try {
      expect((await call(world.at(browser, second.port), 'acme')).status).toBe(200);
      letOn();
      expect((await called).status).toBe(200);
      expect(world.server.revocations).toHaveLength(0);
      expect((await browser.api.post('/api/connections/acme/refresh')).status).toBe(200);
    } finally {
      await second.close();
    }
  } finally {
    world.server.options.rotation = true;
  }
});

/*
 * Each cell stops a process at one moment of a refresh, for less or for longer than its lock lives, and wakes it. The server
 * rotates refresh tokens and ends the grant at the second use of one.
 */
describe('a process that is stopped in mid-refresh and wakes up', () => {
  const points = ['refresh.locked', 'refresh.answered'] as const;
  const cells = points.flatMap((point) => [2_000, 20_000].map((stoppedMs) => ({ point, stoppedMs })));
  let own: RefreshWorld;
  let other: ServerProcess;
  const stopped: ServerProcess[] = [];

  beforeAll(async () => {
    own = await startRefreshWorld({
      apps: 0,
      authorizationServer: { revocationEnds: 'grant' },
      providers: { acme: { more: { revocation: { token: 'refresh_token' } } } },
    });
    other = await startProcess(own.env);
    const sleepers = cells.map(({ point }) =>
      startProcess({ ...own.env, PUBLIC_URL: other.url, GATEHOUSE_FAULT_POINT: `${point}:stop` }),
    );
    stopped.push(...(await Promise.all(sleepers)));
  }, 240_000);
  afterAll(async () => {
    await Promise.all([other, ...stopped].map(({ child, exited }) => (child.kill('SIGKILL'), exited)));
    await own.close();
  });

  /** Of a browser whose record says that the server rotates refresh tokens. */
  const connected = async (cell: string): Promise<Browser> => {
    own.server.person = { sub: cell, email: 'jo@example.test', name: 'Jo' };
    const browser = createBrowser(other.url);
    await connect(browser, 'acme');
    expect((await forced(browser)).status).toBe(200);
    return browser;
  };
  const forced = (browser: Browser) => browser.api.post('/api/connections/acme/refresh');
  const isStopped = ({ child }: ServerProcess) =>
    readFileSync(`/proc/${child.pid ?? 0}/stat`, 'latin1').includes(') T ');

  const run = async (browser: Browser, sleeper: ServerProcess, stoppedMs: number): Promise<number[]> => {
    const asleep = own.at(browser, sleeper.port);
    const called = forced(asleep).catch(() => undefined);
    await eventually(() => Promise.resolve(isStopped(sleeper)), 30_000);
    const meanwhile = forced(browser).catch(() => undefined);
    await pause(stoppedMs);
    sleeper.child.kill('SIGCONT');
    await Promise.all([called, meanwhile]);
    await eventually(async () => (await forced(browser)).status === 200, 30_000);
    return [(await call(browser, 'acme')).status, (await call(asleep, 'acme')).status];
  };

  test('leaves the grant alive, and the connection usable at both processes', async () => {
    const browsers: Browser[] = [];
    for (const { point, stoppedMs } of cells) browsers.push(await connected(`${point}-${stoppedMs}`));
    const outcomes = await Promise.allSettled(
      cells.map(({ stoppedMs }, index) => {
        const [browser, sleeper] = [browsers[index], stopped[index]];
        if (!browser || !sleeper) throw new Error('a process for each cell');
        return run(browser, sleeper, stoppedMs);
      }),
    );
    const expected = cells.map((cell) => ({ ...cell, value: [200, 200] }));
    expect(outcomes.map((outcome, index) => ({ ...cells[index], ...outcome, status: undefined }))).toEqual(expected);
    expect(own.server.revocations).toHaveLength(0);
  }, 240_000);
});
