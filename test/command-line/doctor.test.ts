import { chmod, rm, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { canary } from '../configuration/configurations.js';
import { freePort } from '../world/listen.js';
import { startDoctorWorld, type DoctorWorld } from './doctor-world.js';

let world: DoctorWorld;
beforeAll(async () => {
  world = await startDoctorWorld();
});
afterEach(() => world.server.reset());
afterAll(() => world.close());

test('where all is well it says so, names the redirect URI, and ends with 0', async () => {
  const { code, ok, findings, problems, warnings } = await world.examine();
  expect([problems, warnings]).toEqual([[], []]);
  expect([code, ok]).toEqual([0, true]);
  const checks = new Set(findings.map(({ check }) => check));
  expect([...checks]).toEqual(['Node.js', 'Configuration', 'Secrets', 'PUBLIC_URL', 'Redis', 'Providers']);
  const uri = `http://localhost:${world.healthy['PORT'] ?? ''}/connect/acme/callback`;
  expect(findings.map(({ what }) => what)).toContain(`redirect URI to register there: ${uri}`);
});

test('a person gets the same in words, without a colour or a cursor movement in a pipe', async () => {
  const { code, stdout, stderr } = await world.folder.run(['doctor'], world.healthy);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Redis\n {2}ok +one server, usable\.$/m);
  expect(stdout).toMatch(/\nNo problems, no warnings\.\n$/);
  expect(stderr).toBe('');
  expect(stdout).not.toContain('\u001b');
});

test('no secret and no part of one is printed, whatever is wrong with it', async () => {
  const secrets = { session: canary(), key: canary(), client: canary(), owner: canary(), redis: canary() };
  const port = await freePort();
  const { output, problems } = await world.examine({
    SESSION_SECRET: `${secrets.session},short`,
    ENCRYPTION_KEYS: `k1:${secrets.key}`,
    ACME_CLIENT_SECRET: secrets.client,
    OWNER_SECRET: secrets.owner,
    REDIS_URL: `redis://someone:${secrets.redis}@127.0.0.1:${port}/0`,
  });
  expect(problems.length).toBeGreaterThanOrEqual(4);
  for (const [name, value] of Object.entries(secrets)) expect([name, output.includes(value)]).toEqual([name, false]);
});

test('a variable of .env is named with its line, also where the environment would win', async () => {
  const file = world.folder.file('.env');
  await writeFile(file, '# a remark\nLOG_LEVEL=shout\n\nSESSION_MAX_SECONDS=never\nSANDBOX=maybe\n');
  await chmod(file, 0o644);
  const { LOG_LEVEL: _unset, ...rest } = world.healthy;
  const { json, code } = await world.folder.run(['doctor', '--json'], rest);
  await rm(file);
  const { findings } = json as { findings: { where?: string; level: string; what: string }[] };
  const places = findings.filter(({ level }) => level === 'problem').map(({ where }) => where);
  expect(code).toBe(1);
  expect(places).toEqual(['.env:4 SESSION_MAX_SECONDS', '.env:2 LOG_LEVEL']);
  expect(findings).toContainEqual(
    expect.objectContaining({ level: 'warning', where: '.env', what: expect.stringContaining('other users') }),
  );
});

test('everything that is wrong is told at once, each with its variable and a way out', async () => {
  const { code, ok, problems } = await world.examine({
    SESSION_SECRET: 'short',
    PORT: '70000',
    REDIS_URL: 'http://x',
    TRUST_PROXY: '0.0.0.0/0',
    PUBLIC_URL: 'http://gate.invalid',
    ACME_CLIENT_SECRET: '',
    ACME_ENVIRONMENT: 'live',
  });
  expect([code, ok]).toEqual([1, false]);
  const told = Object.fromEntries(problems.map(({ where = '', what }) => [where, what]));
  expect(told).toEqual({
    SESSION_SECRET: 'it is shorter than 32 bytes',
    PORT: expect.stringContaining('whole number'),
    REDIS_URL: expect.stringContaining('begin like one of the known forms'),
    TRUST_PROXY: expect.stringContaining('believes everybody'),
    PUBLIC_URL: expect.stringContaining('in the clear'),
    ACME_CLIENT_SECRET: expect.stringContaining('no client secret'),
    ACME_ENVIRONMENT: expect.stringContaining('no environment of that name'),
  });
  for (const { remedy } of problems) expect(remedy).toMatch(/\S/);
});

test('production over http is refused, and a sample secret with it', async () => {
  const { problems } = await world.examine({
    NODE_ENV: 'production',
    PUBLIC_URL: 'http://gate.example.org',
    SESSION_SECRET: 'change-me-change-me-change-me-change-me',
    LOG_FORMAT: 'json',
  });
  expect(problems).toContainEqual(expect.objectContaining({ where: 'PUBLIC_URL', what: 'it is not https' }));
  expect(problems).toContainEqual(expect.objectContaining({ where: 'SESSION_SECRET', what: 'this is a sample value' }));
});

test('what production misses is not said to be well, nor left out, in the sections that would have looked at it', async () => {
  const file = world.healthy['PROVIDERS_DIR'] ?? '';
  const { code, stdout } = await world.folder.run(['doctor'], { NODE_ENV: 'production', PROVIDERS_DIR: file });
  expect(code).toBe(1);
  for (const [title, name] of [
    ['Secrets', 'SESSION_SECRET'],
    ['PUBLIC_URL', 'PUBLIC_URL'],
    ['Redis', 'REDIS_URL'],
  ])
    expect(stdout).toMatch(
      new RegExp(
        `^${title}\\n {2}-- +${name}: it is not set, so that this was not looked at\\. See Configuration above\\.\\n\\n`,
        'm',
      ),
    );
  expect(stdout).not.toMatch(/made at random|localhost/);
});

test('a value that was refused is not looked at as if it were another one', async () => {
  const secret = world.folder.file('missing');
  const { SESSION_SECRET: _unset, ...rest } = world.healthy;
  const { stdout } = await world.folder.run(['doctor'], {
    ...rest,
    SESSION_SECRET_FILE: secret,
    REDIS_URL: 'http://x',
    PUBLIC_URL: 'ftp://gate.example.org',
  });
  for (const name of ['SESSION_SECRET', 'REDIS_URL', 'PUBLIC_URL'])
    expect(stdout).toContain(`${name}: it was refused, so that this was not looked at.`);
  expect(stdout).not.toMatch(/made at random|in the process/);
});

test('what works and will hurt one day is a warning, and ends with 0', async () => {
  const { code, problems, warnings } = await world.examine({
    SESSION_SECRET: `${'ab3cd4ef'.repeat(8)},${'change-me-'.repeat(5)}`,
    PUBLIC_URL: 'https://gate.invalid',
    ALLOWED_ORIGINS: 'https://other.test',
  });
  expect([code, problems]).toEqual([0, []]);
  const told = warnings.map(({ where, what }) => `${where ?? ''}: ${what}`);
  expect(told).toEqual([
    expect.stringMatching(/^SESSION_SECRET \(entry 2\).*sample value/),
    expect.stringMatching(/^ALLOWED_ORIGINS: .*another site/),
    expect.stringMatching(/^SESSION_SECRET: .*can be guessed/),
    expect.stringMatching(/^SESSION_SECRET: .*can be guessed/),
    expect.stringMatching(/^TRUST_PROXY: .*share the limits/),
  ]);
});

test('one secret for two purposes is a warning that names both', async () => {
  const shared = world.healthy['SESSION_SECRET'] ?? '';
  const { warnings, output } = await world.examine({ ACME_CLIENT_SECRET: shared });
  expect(warnings).toMatchObject([{ where: 'ACME_CLIENT_SECRET', what: 'it is the same secret as SESSION_SECRET' }]);
  expect(output).not.toContain(shared);
});

test('a provider file with a slip is named with its line', async () => {
  const files = await world.withFile({
    extends: 'generic-oauth2',
    scopes: ['read'],
    api: { base_uri: 'https://x.test' },
  });
  const { code, problems } = await world.examine(files);
  expect(code).toBe(1);
  expect(problems).toMatchObject([
    {
      check: 'Configuration',
      where: `${files['PROVIDERS_DIR'] ?? ''}/acme.yaml:7`,
      what: 'api.base_uri is not a known key',
    },
  ]);
});

describe('with connections that belong to people', () => {
  const owner = { CONNECTIONS: 'owner' };
  const assertions = {
    OWNER_SECRET: canary(),
    OWNER_AUDIENCE: 'gatehouse',
    OWNER_SIGN_IN_URL: 'https://app.example.test/sign-in',
  };

  test('it says so, and that both ways to sign in make two owners of one person', async () => {
    const one = await world.examine({ ...owner, SIGN_IN_WITH: 'acme' });
    expect(one.problems).toEqual([]);
    expect(one.findings.map(({ what }) => what)).toContain('connections belong to people (CONNECTIONS=owner)');
    expect(one.findings.some(({ where }) => where === 'SIGN_IN_WITH')).toBe(false);
    const both = await world.examine({ ...owner, ...assertions, SIGN_IN_WITH: 'acme' });
    expect(both.problems).toEqual([]);
    expect(both.findings).toContainEqual(expect.objectContaining({ level: 'note', where: 'SIGN_IN_WITH' }));
  });

  test('a sign-in by a provider without an ID token is a problem, and so is an application whose word nobody can check', async () => {
    const { issuer, origin } = world.server;
    const api = { base_url: origin };
    const file = { extends: 'generic-oidc', issuer, scopes: ['openid'], api, token: { id_token: 'optional' } };
    const unfit = await world.examine({ ...owner, ...(await world.withFile(file)), SIGN_IN_WITH: 'acme,nobody' });
    expect(unfit.problems.filter(({ where }) => where === 'SIGN_IN_WITH')).toHaveLength(2);
    const unchecked = await world.examine({ ...owner, OWNER_SIGN_IN_URL: assertions.OWNER_SIGN_IN_URL });
    expect(unchecked.problems.map(({ where }) => where)).toContain('OWNER_SIGN_IN_URL');
  });
});
