import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { connect } from '../world/journey.js';
import { startCluster } from '../world/redis-cluster.js';
import type { ListedSession } from '../../src/command-line/session-list.js';
import { call, startRunningServer, type RunningServer } from './running-server.js';

let running: RunningServer;
beforeAll(async () => {
  running = await startRunningServer();
});
beforeEach(() => running.server.reset());
afterAll(() => running.close());

const list = async (...args: string[]) => {
  const { code, json } = await running.operator(['sessions', 'list', '--json', ...args]);
  expect(code).toBe(0);
  return (json as { sessions: ListedSession[] }).sessions;
};

test('the list shows tag, age, owner and status of each connection, and nothing that opens a session', async () => {
  const ann = await running.person('ann');
  const nobody = await running.person();
  const found = (await list()).filter(({ tag }) => [ann.browserId, nobody.browserId].includes(tag));
  expect(new Map(found.map(({ tag, owner, connections }) => [tag, [owner, connections]]))).toEqual(
    new Map([
      [ann.browserId, ['ann', { acme: 'connected' }]],
      [nobody.browserId, [null, { acme: 'connected' }]],
    ]),
  );
  expect(found.every(({ age }) => age < 60)).toBe(true);
  expect((await list('--owner', 'ann')).map(({ tag }) => tag)).toEqual([ann.browserId]);
  expect(await list('--provider', 'nobody')).toEqual([]);

  const { stdout } = await running.operator(['sessions', 'list']);
  expect(stdout).toMatch(new RegExp(`^${ann.browserId} +\\d+ s +\\d+ s +ann +acme: connected$`, 'm'));
  const [, secret = 'none'] = /\.([\w-]{43})/.exec(ann.browser.cookie('gatehouse')?.value ?? '') ?? [];
  const tokens = running.server.grants;
  expect(stdout).not.toContain(secret);
  expect(stdout.split(/\s+/).some((word) => tokens.accepts(word))).toBe(false);
});

test('several connections of one provider are listed by their ids and labels, and end together', async () => {
  const { browser, browserId } = await running.person();
  const [first] = (await list()).find(({ tag }) => tag === browserId)?.held ?? [];
  const second = await running.another(browser, 'second');
  const { held, connections } = (await list()).find(({ tag }) => tag === browserId)!;
  expect(new Set(held.map(({ id }) => id))).toEqual(new Set([first?.id, second]));
  expect(held).toContainEqual({ id: second, provider: 'acme', label: 'second@example.test', status: 'connected' });
  expect(connections).toEqual({ [first?.id ?? '']: 'connected', [second]: 'connected' });
  expect((await list('--provider', 'acme')).map(({ tag }) => tag)).toContain(browserId);
  const { stdout } = await running.operator(['sessions', 'list']);
  expect(stdout).toContain(`acme ${second} (second@example.test): connected`);
  const ended = await running.operator(['sessions', 'revoke', browserId]);
  expect([ended.code, ended.stdout]).toEqual([0, `${browserId}: ended. acme: revoked.\n`]);
  expect(await running.redis.cli('keys', `gh:{${browserId}}:*`)).toBe('');
});

test('an owner whose name would turn the writing of a terminal is shown without that', async () => {
  const { browserId } = await running.person('eve\u2066x\u202e');
  const { stdout } = await running.operator(['sessions', 'list']);
  const line = stdout.split('\n').find((each) => each.startsWith(browserId));
  expect(line).toContain('eve\ufffdx\ufffd');
});

test('an ended session is over for the running process with its next call, and its tokens are revoked', async () => {
  const { browser, browserId } = await running.person();
  const other = await running.person();
  expect(await call(browser)).toBe('200');
  expect(await call(browser)).toBe('200');

  const { code, stdout, stderr } = await running.operator(['sessions', 'revoke', browserId]);
  expect([code, stdout]).toEqual([0, `${browserId}: ended. acme: revoked.\n`]);
  expect(await call(browser)).toBe('401 login_required');
  expect(await call(other.browser)).toBe('200');
  expect(running.server.revocations).toHaveLength(1);
  expect(await running.redis.cli('keys', `gh:{${browserId}}:*`)).toBe('');
  const audit = stderr.split('\n').find((line) => line.includes('operator.session_revoked')) ?? '';
  expect(JSON.parse(audit)).toMatchObject({
    audit: true,
    revocations: 'acme=revoked',
    operator: expect.stringMatching(/./),
  });
  expect(audit).not.toContain(browserId);

  // The same name as in the servers' lines of that session, and none without the secret that makes it.
  const nameIn = (line: string) => (JSON.parse(line) as { session?: string }).session;
  const stored = running.process.lines.filter((line) => line.includes('connection.stored')).map(nameIn);
  expect(stored).toContain(nameIn(audit));
  const second = await running.operator(['sessions', 'revoke', other.browserId], { SESSION_SECRET: '' });
  const nameless = second.stderr.split('\n').find((line) => line.includes('operator.session_revoked')) ?? '';
  expect(nameIn(nameless)).toBeUndefined();
});

test('by owner all of theirs end, and --forget-only leaves the provider alone', async () => {
  const [one, two, bob] = [await running.person('cay'), await running.person('cay'), await running.person('bob')];
  const { code, stdout } = await running.operator(['sessions', 'revoke', '--owner', 'cay', '--forget-only']);
  expect(code).toBe(0);
  expect(stdout.split('\n').filter((line) => line.includes('forgotten here'))).toHaveLength(2);
  expect([await call(one.browser), await call(two.browser), await call(bob.browser)]).toEqual([
    '401 login_required',
    '401 login_required',
    '200',
  ]);
  expect(running.server.revocations).toEqual([]);
});

test('a sign-in that was under way in the ended session leads to no session again', async () => {
  const { browser, browserId } = await running.person();
  const { callbackUrl } = await connect(browser, 'acme', { stopAt: 'callback' });
  await running.operator(['sessions', 'revoke', browserId]);
  const answer = await browser.navigate(callbackUrl!, { follow: false });
  expect(answer.location?.searchParams.get('connected') ?? null).toBeNull();
  expect(await list('--limit', '5')).not.toContainEqual(expect.objectContaining({ browserId }));
});

test('where the provider does not revoke, the session is ended all the same and the exit code says so', async () => {
  const { browser, browserId } = await running.person();
  running.server.bend.revocation = { reply: { status: 500 } };
  const { code, stdout } = await running.operator(['sessions', 'revoke', browserId]);
  expect(code).toBe(1);
  expect(stdout).toContain('the provider did not revoke');
  expect(await call(browser)).toBe('401 login_required');
  const again = await running.operator(['sessions', 'revoke', browserId]);
  expect([again.code, again.stdout]).toEqual([1, '']);
  expect(again.stderr).toContain('there is no such session');
});

test('without Redis it says that nothing can be reached, and a Redis that is away is no empty list', async () => {
  const { REDIS_URL: _redis, ...embedded } = running.env;
  const alone = await running.operator(['sessions', 'list'], { ...embedded, REDIS_URL: '' });
  expect([alone.code, alone.stdout]).toEqual([1, '']);
  expect(alone.stderr).toContain('in the memory of the running process');
  const away = await running.operator(['sessions', 'list'], { REDIS_URL: 'redis://127.0.0.1:1/0' });
  expect([away.code, away.stdout]).toEqual([1, '']);
  expect(away.stderr).toMatch(/ECONNREFUSED/);
});

test('the sessions of every master of a cluster are found and ended', async () => {
  const cluster = await startCluster();
  const before = running.env['REDIS_URL'] ?? '';
  try {
    await running.restart({ REDIS_URL: cluster.url });
    const people = [];
    for (let each = 0; each < 8; each += 1) people.push(await running.person('dot'));
    const masters = await Promise.all(cluster.nodes.slice(0, 3).map((node) => node.cli('keys', 'gh:*:session')));
    expect(masters.filter((keys) => keys !== '').length).toBeGreaterThan(1);
    expect((await list()).map(({ tag }) => tag).sort()).toEqual(people.map(({ browserId }) => browserId).sort());
    const { code } = await running.operator(['sessions', 'revoke', '--owner', 'dot']);
    expect(code).toBe(0);
    expect(await list()).toEqual([]);
    expect(await call(people[0]!.browser)).toBe('401 login_required');
  } finally {
    await running.restart({ REDIS_URL: before });
    await cluster.stop();
  }
});
