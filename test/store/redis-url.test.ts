import { expect, test } from '@jest/globals';
import { openStore } from '../../src/store/open-store.js';
import { parseRedisUrl, RedisUrlError } from '../../src/store/redis/url.js';
import { recordedLog } from './recorded-log.js';

const node = (host: string, port: number) => ({ host, port });

test.each([
  ['redis://localhost', { kind: 'single', tls: false, nodes: [node('localhost', 6379)], db: 0 }],
  ['rediss://r.test:7000/3', { kind: 'single', tls: true, nodes: [node('r.test', 7000)], db: 3 }],
  ['redis://:pw@h', { kind: 'single', tls: false, nodes: [node('h', 6379)], db: 0, password: 'pw' }],
  [
    'redis://j%6F:p%40s%3As%2F%25@h:1/',
    { kind: 'single', tls: false, nodes: [node('h', 1)], db: 0, username: 'jo', password: 'p@s:s/%' },
  ],
  ['redis://:a@b/c:d?e#f@h', { kind: 'single', tls: false, nodes: [node('h', 6379)], db: 0, password: 'a@b/c:d?e#f' }],
  ['redis://[::1]:7000/0', { kind: 'single', tls: false, nodes: [node('::1', 7000)], db: 0 }],
  ['REDIS://[fe80::1]', { kind: 'single', tls: false, nodes: [node('fe80::1', 6379)], db: 0 }],
  [
    'redis+sentinel://u:p@a,b:1,[::2]:3/my-main',
    {
      kind: 'sentinel',
      tls: false,
      nodes: [node('a', 26379), node('b', 1), node('::2', 3)],
      master: 'my-main',
      username: 'u',
      password: 'p',
    },
  ],
  ['rediss+cluster://a:1,b', { kind: 'cluster', tls: true, nodes: [node('a', 1), node('b', 6379)] }],
])('REDIS_URL %s is understood', (url, expected) => {
  expect(parseRedisUrl(url)).toEqual(expected);
});

test.each([
  ['http://h', 'does not begin'],
  ['h:6379', 'does not begin'],
  ['redis+elsewhere://h', 'does not begin'],
  ['', 'does not begin'],
  ['redis://', 'has a host'],
  ['redis://:hush@', 'has a host'],
  ['redis://:hush@h:port', 'has a host'],
  ['redis://:hush@::1', 'has a host'],
  ['redis://:hush@h:0', 'port that is not between'],
  ['redis://:hush@h:65536', 'port that is not between'],
  ['redis://:hush@h/one', 'database that is not a number'],
  ['redis://:hush@h/0?tls=true', 'takes no options'],
  ['redis://:hush@h,i', 'several hosts'],
  ['redis://hush@h', 'user without a password'],
  ['redis://jo:@h', 'empty password'],
  ['redis://:hush%zz@h', 'broken % escape'],
  ['redis+sentinel://:hush@h', "master's name"],
  ['redis+sentinel://:hush@h,/main', 'has a host'],
  ['redis+cluster://:hush@h/1', 'only one'],
])('REDIS_URL %s is refused in words that do not repeat it', (url, problem) => {
  const refuse = (): unknown => parseRedisUrl(url);
  expect(refuse).toThrow(RedisUrlError);
  expect(refuse).toThrow(problem);
  expect(refuse).not.toThrow('hush');
});

test('without REDIS_URL the embedded store is opened', async () => {
  const store = openStore(undefined, recordedLog());
  expect(store.describe()).toBe('embedded in this process');
  await store.close();
});

test('REDIS_CA_FILE without TLS in the URL is refused', () => {
  expect(() => openStore({ url: 'redis://h', ca: 'x' }, recordedLog())).toThrow(/REDIS_CA_FILE.*rediss/);
});
