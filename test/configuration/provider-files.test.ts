import { expect, test } from '@jest/globals';
import { testEnvironment } from '../world/app.js';
import { acme, refusal, refusalHere } from './configurations.js';

const deep = (open: string, close: string) => `id: acme\nname: ${open.repeat(20_000)}${close.repeat(20_000)}\n`;
const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x, x]',
  ...['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map(
    (name, index) =>
      `${name}: &${name} [${Array(10)
        .fill(`*${'abcdefgh'[index] ?? 'a'}`)
        .join(', ')}]`,
  ),
].join('\n');

/** Spoilt files, each in one way, and where the message has to point. */
const spoilt: [string, string, RegExp][] = [
  ['tab', 'id: tab\napi:\n\tbase_url: https://x.test\n', /tab\.yaml:3: /],
  ['doubled-key', 'id: doubled-key\nname: A\nname: B\n', /doubled-key\.yaml:3: /],
  ['unknown-key', 'id: unknown-key\nname: A\n\nscope: [x]\n', /unknown-key\.yaml:4: scope is not a known key/],
  [
    'deep-key',
    'id: deep-key\napi:\n  base_url: https://x.test\n  hedders: {}\n',
    /deep-key\.yaml:4: api\.hedders is not a known key/,
  ],
  ['wrong-type', 'id: wrong-type\nscopes: openid\n', /wrong-type\.yaml:2: scopes /],
  ['no-id', 'name: A\n', /no-id\.yaml:1: id /],
  ['slash', 'id: a/b\n', /slash\.yaml:1: id must match/],
  ['dots', 'id: ..\n', /dots\.yaml:1: id must match/],
  ['proto', 'id: __proto__\n', /proto\.yaml:1: id must match/],
  ['proto-key', 'id: proto-key\n__proto__: { grant: x }\n', /proto-key\.yaml:2: /],
  ['capitals', 'id: Luca\n', /capitals\.yaml:1: id must match/],
  ['space', 'id: "acme "\n', /space\.yaml:1: id must match/],
  ['empty', '', /empty\.yaml:1: /],
  ['list', '- id: x\n', /list\.yaml:1: /],
  ['two-documents', 'id: a\n---\nid: b\n', /two-documents\.yaml:\d+: /],
  ['twin', 'name: Twin\nid: luca\n', /twin\.yaml:2: the id luca is taken by /],
  ['orphan', 'id: orphan\nextends: nobody\n', /orphan\.yaml:2: extends names nobody/],
  ['merge-key', 'id: merge-key\n<<: { name: A }\n', /merge-key\.yaml:2: /],
  ['unknown-tag', 'id: !!js/function "x"\n', /unknown-tag\.yaml:1: /],
  ['missing-anchor', 'id: missing-anchor\nname: *nothing\n', /missing-anchor\.yaml:2: /],
  ['bomb', `id: bomb\n${bomb}\nname: *i\n`, /bomb\.yaml:\d+: /],
  ['brackets', deep('[', ']'), /brackets\.yaml:\d+: /],
  ['braces', deep('{a: ', '}'), /braces\.yaml:\d+: /],
  ['long', `id: long\nname: ${'x'.repeat(300_000)}\n`, /long\.yaml:1: it is too long/],
  ['header', 'id: header\napi:\n  headers: { "X-A": "a\\r\\nX-B: b" }\n', /header\.yaml:3: /],
  [
    'fixed-identity',
    'id: fixed-identity\napi:\n  headers:\n    X-Network: test\n    authorization: Basic x\n    Host: evil.test\n    COOKIE: a=b\n    Transfer_Encoding: chunked\n',
    /fixed-identity\.yaml:5: api\.headers\.authorization is a header that Gatehouse alone sets.*\n?.*Remove it[^]*yaml:6: api\.headers\.Host is[^]*yaml:7: api\.headers\.COOKIE is[^]*yaml:8: api\.headers\.Transfer_Encoding is/,
  ],
  [
    'passed-identity',
    'id: passed-identity\napi:\n  forward_request_headers:\n    - idempotency-key\n    - Cookie\n    - X_Forwarded_For\n    - x-http-method-override\n',
    /passed-identity\.yaml:5: api\.forward_request_headers\.1 names a header that is never taken from a caller.*\n?.*Remove it[^]*yaml:6: [^]*yaml:7: /,
  ],
  [
    'organization-header',
    'id: organization-header\norganizations: { request: { path: /o }, id: id, name: [name], header: Authorization }\n',
    /organization-header\.yaml:2: organizations\.header is a header that Gatehouse alone sets/,
  ],
  ['scope', 'id: scope\nscopes: ["a b"]\n', /scope\.yaml:2: /],
  ['address', 'id: address\nissuer: not an address\n', /address\.yaml:2: issuer /],
];

test('each spoilt file is named with its line, all of them at once, and nothing starts', async () => {
  const began = Date.now();
  const files = Object.fromEntries(spoilt.map(([name, text]) => [name, text]));
  const { code, output } = await refusal(await testEnvironment(), files);
  expect(code).toBe(1);
  for (const [name, , message] of spoilt) expect([name, output]).toEqual([name, expect.stringMatching(message)]);
  expect(output).not.toMatch(/\n\s+at /);
  expect(Date.now() - began).toBeLessThan(20_000);
});

/** Files that can be read and must not be used. */
const unusable: [string, string, RegExp][] = [
  ['public http', acme.replace('https://id.acme.test/token', 'http://id.acme.test/token'), /token is not https/],
  ['an API over http', acme.replace('https://api', 'http://api'), /base_url is not https/],
  ['another scheme', acme.replace('https://id.acme.test/token', 'ftp://id.acme.test/token'), /token is not https/],
  ['a script as endpoint', acme.replace('https://id.acme.test/token', 'javascript:alert(1)'), /token is not https/],
  [
    'a password in the API address',
    acme.replace('https://api', 'https://u:hidden-word@api'),
    /base_url has a query, a fragment or a user/,
  ],
  ['no token endpoint', acme.replace('token: ', 'revocation: '), /no token endpoint/],
  [
    'no API',
    acme.replace('api: {', 'account: {').replace('base_url: https://api.acme.test/v1', 'subject: sub'),
    /no API/,
  ],
  ['state as a caller parameter', `${acme}authorization: { caller_parameters: { state: "^x$" } }\n`, /state is ours/],
  ['a broken pattern', `${acme}authorization: { caller_parameters: { org: "(" } }\n`, /not a regular expression/],
  ['a redirect_uri of its own', `${acme}authorization: { parameters: { redirect_uri: x } }\n`, /redirect_uri is ours/],
  ['a public client without PKCE', `${acme}client_authentication: none\nauthorization: { pkce: off }\n`, /PKCE/],
  [
    'an environment that is not there',
    `${acme}default_environment: test\n`,
    /ACME_ENVIRONMENT: .* no environment test/,
  ],
];

test.each(unusable)('a provider with %s is refused', async (_name, text, message) => {
  const env = await testEnvironment({ ACME_CLIENT_ID: 'a', ACME_CLIENT_SECRET: 'b' });
  const output = await refusalHere(env, { acme: text });
  expect(output).toMatch(message);
  expect(output).not.toContain('hidden-word');
});
