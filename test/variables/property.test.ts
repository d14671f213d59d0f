import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GatehouseError } from '../../src/errors.js';
import { createHttpClient, type OpenedHttpClient } from '../../src/http/client.js';
import { callbackValues } from '../../src/oauth/callback-values.js';
import { learnValues } from '../../src/oauth/learn-values.js';
import type { Provider } from '../../src/providers/provider.js';
import { resolveProvider } from '../../src/providers/resolve.js';
import type { ProviderFile } from '../../src/providers/schema.js';
import { readValue } from '../../src/providers/variables/read-value.js';
import { lackingValue, withValues } from '../../src/providers/variables/with-values.js';

const numRuns = Number(process.env['GATEHOUSE_PROPERTY_RUNS'] ?? 10_000);

/** A proxy that takes down the host of every request that leaves, and lets none through. */
const asked: string[] = [];
const proxy = createServer((socket) => {
  socket.once('data', (data) => {
    asked.push(
      /^CONNECT (\S+) /.exec(data.toString('latin1'))?.[1] ?? `not a tunnel: ${data.toString('latin1', 0, 80)}`,
    );
    socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  socket.on('error', () => undefined);
});
let client: OpenedHttpClient;
beforeAll(async () => {
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const { port } = proxy.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}`;
  client = createHttpClient({ proxies: { http: address, https: address, no: '' } });
});
afterAll(async () => {
  await client.close();
  proxy.close();
});

const file: ProviderFile = {
  id: 'acme',
  variables: {
    shop: { from: 'caller', pattern: '[^]*' },
    country: { from: 'caller', values: { nl: 'acme-nl.test', uk: 'acme.co.uk', eu: 'eu.acme.test' }, default: 'nl' },
    realm: { from: 'callback', parameter: 'realm', pattern: '[^]*' },
    instance: { from: 'token_answer', pointer: '/i', origin_within: ['.force.test', '.my.force.example'] },
    dc: { from: 'token_answer', pointer: '/d', pattern: '[^]*' },
    tenant: { from: 'token_answer', pointer: '/t', pattern: '[^]*' },
  },
  endpoints: {
    authorization: 'https://{shop}.shops.test/authorize',
    token: 'https://login.{country}/{realm}/token?shop={shop}',
    revocation: 'https://{country}/{tenant}/revoke',
    userinfo: 'https://{instance}/{tenant}/userinfo',
  },
  api: { base_url: 'https://{dc}.{country}/v1/{realm}/x{tenant}y/' },
};
/** The hosts that the file declares, written here by hand. */
const declared = [
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.shops\.test:443$/,
  /^(login\.)?(acme-nl\.test|acme\.co\.uk|eu\.acme\.test):443$/,
  /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(force\.test|my\.force\.example):443$/,
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.(acme-nl\.test|acme\.co\.uk|eu\.acme\.test):443$/,
];

const resolved = resolveProvider(file, { clientId: 'c', clientSecret: 's', secrets: {} }, 'acme.yaml', {
  production: true,
});
if ('problems' in resolved) throw new Error(resolved.problems.map(({ what }) => what).join('\n'));
const { provider } = resolved;

/** Pieces of which hosts and paths that mislead are made. */
const piece = fc.constantFrom(
  ...[
    '/',
    '//',
    '\\',
    ':',
    '@',
    '?',
    '#',
    '.',
    '..',
    ' ',
    '\t',
    '\n',
    '\r',
    '\0',
    '%',
    '%2f',
    '%2e%2e',
    '%00',
    '{',
    '}',
  ],
  ...[
    'https:',
    'https://',
    'http://',
    'javascript:',
    'HTTPS://',
    ':443',
    ':8443',
    '[::1]',
    '127.0.0.1',
    '169.254.169.254',
  ],
  ...[
    'evil.test',
    'shops.test',
    'force.test',
    '.force.test',
    'a.force.test',
    '.my.force.example',
    'acme-nl.test',
    'localhost',
  ],
  ...[
    '{shop}',
    '{instance}',
    '$&',
    '$1',
    '$`',
    'nl',
    'uk',
    'eu',
    'a',
    'b-c',
    'xn--',
    'é',
    '。',
    '．',
    '／',
    '＠',
    'ﬀ',
    '\u00ad',
    '\u200d',
  ],
  ...['__proto__', 'constructor', 'toString', 'a'.repeat(63), 'a'.repeat(64), 'x'.repeat(250)],
);
const misleading = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
const label = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,8}[a-z0-9]$/);
const origin = fc
  .tuple(label, fc.constantFrom('.force.test', '.my.force.example', '.evil.test'), misleading)
  .map(([name, within, rest]) => `https://${name}${within}${rest}`);
const nasty = fc.oneof(misleading, origin, fc.string({ unit: 'binary' }));
/** Mostly a value that may be, so that most addresses are filled. */
const mostly = (good: fc.Arbitrary<string>) =>
  fc.oneof({ arbitrary: good, weight: 6 }, { arbitrary: nasty, weight: 1 }, { arbitrary: label, weight: 1 });
const segment = fc.oneof(label, fc.constantFrom('a/b', '..x', 'a b', '%2f', 'x?y#z', '{shop}', '$&', "'", '*', '&=+'));
const rightOrigin = fc
  .tuple(label, fc.constantFrom('.force.test', '.my.force.example'), fc.constantFrom('', '/', '/a?b#c', ':443/x'))
  .map((parts) => `https://${parts.join('')}`);
const values = fc.record({
  shop: mostly(label),
  country: mostly(fc.constantFrom('nl', 'uk', 'eu')),
  realm: mostly(segment),
  instance: mostly(rightOrigin),
  dc: mostly(label),
  tenant: mostly(segment),
});

/** The values as a sign-in comes to them: each that is taken, by the way that it comes in. */
async function signIn(raw: Record<string, string>): Promise<Provider> {
  const { shop, country } = provider.variables?.declared ? Object.fromEntries(provider.variables.declared) : {};
  const said: Record<string, string> = {};
  for (const variable of [shop, country]) {
    const read = variable && readValue(variable, raw[variable.name], true);
    if (variable && read !== undefined) said[variable.name] = read;
  }
  const answered = callbackValues(provider, { realm: raw['realm'] ?? '' }, said);
  const told = { instance: raw['instance'], dc: raw['dc'], tenant: raw['tenant'] };
  const values = await learnValues(client.http, provider, answered, { accessToken: 't', told });
  // Whatever else lies in a record, today's file judges it again.
  return lackingValue(provider, values) === undefined ? withValues(provider, values) : provider;
}

/** What cannot be is refused in words, and is no defect. */
function refusedAlone(error: unknown): Provider {
  if (error instanceof GatehouseError) return provider;
  throw error;
}

test(`no request leaves for a host that the file does not declare, whatever the values are (${numRuns} runs)`, async () => {
  let left = 0;
  await fc.assert(
    fc.asyncProperty(values, fc.boolean(), fc.nat(), async (raw, isStored, turn) => {
      // The same as values of a record that somebody has written, and as what a sign-in says.
      const whole = isStored ? withValues(provider, raw) : await signIn(raw).catch(refusedAlone);
      const { endpoints, api } = whole;
      const addresses = [...Object.values(endpoints), api.baseUrl.href].map((address) => new URL(address));
      const filled = addresses.filter(({ hostname }) => hostname !== 'unfilled.invalid');
      for (const { protocol, username, password, hash, host } of filled) {
        expect([protocol, username, password, hash]).toEqual(['https:', '', '', '']);
        if (!declared.some((each) => each.test(`${host}:443`))) throw new Error(`${host} is not declared`);
      }
      if (filled.includes(addresses.at(-1) ?? new URL('about:blank')))
        expect(api.baseUrl.pathname).toMatch(/^\/v1\/[^/]+\/x[^/]+y\/$/);
      asked.length = 0;
      const chosen = filled[turn % Math.max(1, filled.length)];
      if (chosen) await client.http(chosen.href, { method: 'GET' }).catch(() => undefined);
      left += asked.length;
      for (const host of asked)
        if (!declared.some((each) => each.test(host))) throw new Error(`a request left for ${host}`);
    }),
    { numRuns },
  );
  expect(left).toBeGreaterThan(numRuns / 4);
}, 3_600_000);
