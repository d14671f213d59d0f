import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { testEnvironment } from '../world/app.js';
import { listen } from '../world/listen.js';
import { acme, canary, productionEnvironment, refusal, refusalHere } from './configurations.js';

test('everything that is wrong is said at once, by variable, file and line, with no value and a way out', async () => {
  const values = {
    session: 'short-' + canary().slice(0, 12),
    key: canary(),
    redis: canary(),
    owner: canary().slice(0, 20),
    client: canary(),
  };
  const env = await productionEnvironment({
    PUBLIC_URL: 'http://gate.example.org',
    SESSION_SECRET: values.session,
    ENCRYPTION_KEYS: `k1:${values.key}`,
    REDIS_URL: `redis://user:${values.redis}@host:99999/0`,
    OWNER_SECRET: values.owner,
    PORT: '70000',
    TRUST_PROXY: '10.0.0.0/99',
    ALLOWED_ORIGINS: 'https://app.example.org/path',
    SESSION_IDLE_SECONDS: '0',
    LOG_LEVEL: 'shout',
    SANDBOX: 'on',
    ACME_CLIENT_ID: 'id',
    INVOICED_CLIENT_ID: 'id2',
    INVOICED_CLIENT_SECRET: values.client,
  });
  const files = {
    acme: acme.replace('https://id.acme.test/token', 'http://id.acme.test/token'),
    broken: 'id: broken\nname: [unclosed\n',
    unknown: 'id: other\nname: Other\nextends: generic-oauth2\napi: { base_uri: https://x.test }\n',
    twin: '# a remark\nid: acme\nextends: generic-oauth2\n',
  };
  const { code, output } = await refusal(env, files);
  expect(code).toBe(1);
  for (const name of [
    ...[
      'PUBLIC_URL',
      'SESSION_SECRET',
      'ENCRYPTION_KEYS \\(entry 1\\)',
      'REDIS_URL',
      'OWNER_SECRET',
      'OWNER_AUDIENCE',
      'PORT',
    ],
    ...['TRUST_PROXY', 'ALLOWED_ORIGINS', 'SESSION_IDLE_SECONDS', 'LOG_LEVEL', 'SANDBOX', 'ACME_CLIENT_SECRET'],
    ...[
      'INVOICED_ENVIRONMENT',
      '\\S*acme\\.yaml',
      '\\S*broken\\.yaml:[23]',
      '\\S*unknown\\.yaml:4',
      '\\S*twin\\.yaml:2',
    ],
  ])
    expect(output).toMatch(new RegExp(`^  ${name}: .+\\. \\S.+$`, 'm'));
  for (const [name, value] of Object.entries(values)) expect([name, output.includes(value)]).toEqual([name, false]);
  expect(output).not.toMatch(/\n\s+at |node_modules/);
});

const secret = (bytes = 32) => randomBytes(bytes).toString('base64');
const one = (name: string, value: string) => ({ [name]: value });

test.each<[string, Record<string, string>, RegExp]>([
  ['no SESSION_SECRET', one('SESSION_SECRET', ''), /^ {2}SESSION_SECRET: it is not set/m],
  ['no ENCRYPTION_KEYS', one('ENCRYPTION_KEYS', ''), /^ {2}ENCRYPTION_KEYS: it is not set/m],
  ['no REDIS_URL', one('REDIS_URL', ''), /^ {2}REDIS_URL: it is not set/m],
  ['no PUBLIC_URL', one('PUBLIC_URL', ''), /^ {2}PUBLIC_URL: it is not set/m],
  [
    'a sample session secret',
    one('SESSION_SECRET', 'change-me-change-me-change-me-change-me'),
    /^ {2}SESSION_SECRET: .*sample/m,
  ],
  ['one letter as session secret', one('SESSION_SECRET', 'a'.repeat(64)), /^ {2}SESSION_SECRET: .*sample/m],
  ['a second secret that is short', one('SESSION_SECRET', `${secret()},short`), /^ {2}SESSION_SECRET \(entry 2\)/m],
  [
    'a key of zeros',
    one('ENCRYPTION_KEYS', `k1:${Buffer.alloc(32).toString('base64')}`),
    /^ {2}ENCRYPTION_KEYS .*sample/m,
  ],
  ['a key of 16 bytes', one('ENCRYPTION_KEYS', `k1:${secret(16)}`), /^ {2}ENCRYPTION_KEYS .*32 bytes/m],
  [
    'a sample owner secret',
    { OWNER_SECRET: 'change-me-'.repeat(4), OWNER_AUDIENCE: 'x' },
    /^ {2}OWNER_SECRET: .*sample/m,
  ],
  [
    'a sample Redis password',
    one('REDIS_URL', 'rediss://u:change-me@h:1/0'),
    /^ {2}REDIS_URL \(its password\): .*sample/m,
  ],
  [
    'a sample sentinel password',
    one('REDIS_SENTINEL_PASSWORD', 'change-me'),
    /^ {2}REDIS_SENTINEL_PASSWORD: .*sample/m,
  ],
  [
    'a sample client secret',
    { LUCA_CLIENT_ID: 'a', LUCA_CLIENT_SECRET: 'the-client-secret' },
    /^ {2}LUCA_CLIENT_SECRET: .*sample/m,
  ],
  ['two keys of one id', one('ENCRYPTION_KEYS', `k1:${secret()},k1:${secret()}`), /^ {2}ENCRYPTION_KEYS \(entry 2\)/m],
  ['SANDBOX=on', one('SANDBOX', 'on'), /^ {2}SANDBOX: /m],
  ['a query in PUBLIC_URL', one('PUBLIC_URL', 'https://gate.example.org/?x=1'), /^ {2}PUBLIC_URL: /m],
  ['NODE_ENV=Production', one('NODE_ENV', 'Production'), /^ {2}NODE_ENV: /m],
  [
    'no choice of environment',
    { INVOICED_CLIENT_ID: 'a', INVOICED_CLIENT_SECRET: secret() },
    /^ {2}INVOICED_ENVIRONMENT: it is not set.*production, sandbox/m,
  ],
  [
    'an unknown environment',
    { INVOICED_CLIENT_ID: 'a', INVOICED_CLIENT_SECRET: secret(), INVOICED_ENVIRONMENT: 'prod' },
    /^ {2}INVOICED_ENVIRONMENT: /m,
  ],
  [
    'an OWNER_JWKS_URL over http',
    { OWNER_JWKS_URL: 'http://app.example.org/jwks', OWNER_AUDIENCE: 'x' },
    /^ {2}OWNER_JWKS_URL: /m,
  ],
])('production does not start with %s', async (_name, changes, message) => {
  expect(await refusalHere(await productionEnvironment(changes))).toMatch(message);
});

test('production refuses one client in two environments until it is declared', async () => {
  const files = { live: 'id: request-finance-live\nname: Live\nextends: request-finance\n' };
  const env = await productionEnvironment({
    ...{ REQUEST_FINANCE_CLIENT_ID: 'same', REQUEST_FINANCE_CLIENT_SECRET: 'x1', REQUEST_FINANCE_ENVIRONMENT: 'test' },
    ...{ REQUEST_FINANCE_LIVE_CLIENT_ID: 'same', REQUEST_FINANCE_LIVE_CLIENT_SECRET: 'x1' },
    REQUEST_FINANCE_LIVE_ENVIRONMENT: 'live',
  });
  expect(await refusalHere(env, files)).toMatch(/SHARED_CLIENT=true/);
  expect(await refusalHere({ ...env, REQUEST_FINANCE_SHARED_CLIENT: 'true' }, files)).toBe('it started');
});

test('a port that is taken is named, with a way out and without a stack', async () => {
  const { port, close } = await listen((_req, res) => res.end());
  const { code, output } = await refusal(await testEnvironment({ PORT: String(port) }));
  await close();
  expect(code).toBe(1);
  expect(output).toMatch(new RegExp(`port ${port} .*taken`));
  expect(output).not.toMatch(/\n\s+at /);
});
