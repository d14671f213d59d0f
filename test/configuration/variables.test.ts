import { writeFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { createFolder } from '../command-line/run-command.js';
import { testEnvironment } from '../world/app.js';
import { refusalHere } from './configurations.js';

/** A file with these variables (one a line), addresses and further keys. Line 3 is `variables`, line 5 the endpoints. */
function file(variables: string[], { endpoints = '', api = '', more = '' } = {}): string {
  return [
    'id: acme',
    'extends: generic-oauth2',
    'variables:',
    ...variables.map((line) => `  ${line}`),
    'endpoints:',
    `  authorization: ${endpoints === '' ? 'https://id.acme.test/authorize' : endpoints}`,
    '  token: https://id.acme.test/token',
    `api: { base_url: '${api === '' ? 'https://api.acme.test/v1' : api}' }`,
    more,
    '',
  ].join('\n');
}

const shop = "shop: { from: caller, pattern: '[a-z-]+' }";
const realm = "realm: { from: callback, parameter: realmId, pattern: '\\d+' }";
const country = 'country: { from: caller, values: { nl: acme.nl, uk: acme.co.uk }, default: nl }';
const instance = 'instance: { from: token_answer, pointer: /url, origin_within: [.acme.test] }';

/** Files that must not start, and where the message has to point. */
const refused: [name: string, text: string, message: RegExp][] = [
  [
    'an unknown name',
    file([shop], { endpoints: "'https://{shopp}.acme.test/a'" }),
    /acme\.yaml:6: acme: endpoints\.authorization names \{shopp\}, which is not declared/,
  ],
  [
    'a template of a shell',
    file([shop], { endpoints: "'https://${shop}.acme.test/a'" }),
    /acme\.yaml:6: .*has \$\{shop\}, which is no placeholder of ours/,
  ],
  [
    'a template in two braces',
    file([shop], { api: 'https://api.acme.test/{{shop}}' }),
    /acme\.yaml:8: .*has \{\{shop\}\}/,
  ],
  ['a name in brackets', file([shop], { endpoints: 'https://[subdomain].acme.test/a' }), /acme\.yaml:6: /],
  ['a braced expression', file([shop], { api: 'https://api.acme.test/{connection.shop}' }), /has \{connection\.shop\}/],
  [
    'an unknown name in a header',
    file([shop], { more: "environments: { live: { api: { headers: { X-A: '{a}' } } } }" }),
    /acme\.yaml:9: acme: api\.headers\.X-A names \{a\}/,
  ],
  [
    'a label below a public suffix',
    file([shop], { endpoints: "'https://{shop}.co.uk/a'" }),
    /acme\.yaml:6: .*below co\.uk, where everybody can have a host/,
  ],
  ['a label below a private suffix', file([shop], { endpoints: "'https://{shop}.github.io/a'" }), /below github\.io/],
  ['a label below a wildcard suffix', file([shop], { api: 'https://{shop}.ck' }), /acme\.yaml:8: .*below ck/],
  ['a pattern as a whole host', file([shop], { api: 'https://{shop}/v1' }), /has \{shop\} as its whole host/],
  ['a pattern within a label', file([shop], { api: 'https://{shop}-api.acme.test' }), /has \{shop\} within its host/],
  ['a pattern in the middle', file([shop], { api: 'https://api.{shop}.acme.test' }), /has \{shop\} within its host/],
  [
    'a callback’s value in a host',
    file([realm], { api: 'https://{realm}.acme.test' }),
    /reaches a host through values alone/,
  ],
  [
    'a callback’s value before the callback',
    file([realm], { endpoints: "'https://id.acme.test/{realm}'" }),
    /not known when it is used/,
  ],
  [
    'a learnt origin for the secret',
    file([instance], {
      more: "environments: { live: { endpoints: { revocation: 'https://{instance}/revoke' } } }",
    }),
    /acme\.yaml:9: .*gets the client secret or the browser/,
  ],
  ['a learnt origin in a path', file([instance], { api: 'https://api.acme.test/{instance}' }), /which is an origin/],
  [
    'a learnt origin in a part of a host',
    file([instance], { api: 'https://{instance}.acme.test' }),
    /in a part of its host/,
  ],
  [
    'an origin within a public suffix',
    file(['instance: { from: token_answer, pointer: /url, origin_within: [.github.io] }'], {
      api: 'https://{instance}',
    }),
    /everybody can have a host/,
  ],
  [
    'a value that is no host',
    file(["country: { from: caller, values: { nl: 'acme.nl/x' } }"], { endpoints: "'https://{country}/a'" }),
    /not each of its values is part of a host name/,
  ],
  ['a user in the address', file([shop], { api: 'https://{shop}@acme.test' }), /acme\.yaml:8: /],
  ['no source', file(["shop: { pattern: 'a' }"]), /acme\.yaml:4: acme: variables\.shop does not say from where/],
  [
    'a pattern that is none',
    file(["shop: { from: caller, pattern: '[' }"]),
    /acme\.yaml:4: .*pattern is not a regular expression/,
  ],
  [
    'two kinds',
    file(["shop: { from: caller, pattern: 'a', values: { a: b } }"]),
    /needs one of values, pattern and origin_within/,
  ],
  [
    'a default that does not fit',
    file(['shop: { from: caller, values: { a: b }, default: toString }']),
    /default is not a value/,
  ],
  [
    'a default of the provider’s',
    file(["shop: { from: token_answer, pointer: /a, pattern: 'a', default: a }"]),
    /default means nothing with from: token_answer/,
  ],
  [
    'a token as a value',
    file(["shop: { from: token_answer, pointer: /refresh_token, pattern: '.+' }"]),
    /names a token/,
  ],
  [
    'a name of /connect',
    file(["return_to: { from: caller, pattern: 'a' }"]),
    /acme\.yaml:4: .*parameter of \/connect already/,
  ],
  ['the code as a value', file(["shop: { from: callback, parameter: code, pattern: '.+' }"]), /protocol’s own/],
  [
    'an account that no call shows',
    file(["realm: { from: callback, parameter: r, pattern: 'a', account: true }"]),
    /no call shows that the account is the token's/,
  ],
  [
    'an issuer with a name',
    file([shop], { more: 'issuer: https://{shop}.acme.test' }),
    /acme\.yaml:9: .*issuer has an unknown placeholder/,
  ],
  [
    'metadata at an unknown address',
    file([shop], { more: 'discovery_url: https://{shop}.acme.test/m' }),
    /acme\.yaml:9: .*discovery_url names \{shop\}/,
  ],
  [
    'an unknown key',
    file(['shop: { from: caller, patern: a }']),
    /acme\.yaml:4: variables\.shop\.patern is not a known key/,
  ],
  ['a name in capitals', file(["Shop: { from: caller, pattern: 'a' }"]), /acme\.yaml:4: /],
];

test.each(refused)('the start is refused for %s, with file and line', async (_name, text, message) => {
  expect(await refusalHere(await testEnvironment(), { acme: text })).toMatch(message);
});

/** Files that are right. */
const taken: [name: string, text: string][] = [
  [
    'a label before the provider’s own domain',
    file([shop], { endpoints: "'https://{shop}.acme.test/a?b={shop}'", api: 'https://{shop}.acme.test/{shop}/v1' }),
  ],
  [
    'a label below a private suffix that the callback confirms',
    file(["shop: { from: caller, pattern: '[a-z-]+', callback: { parameter: shop, is: '{shop}.myshopify.com' } }"], {
      endpoints: "'https://{shop}.myshopify.com/a'",
    }),
  ],
  [
    'listed hosts for the browser',
    file([country], { endpoints: "'https://{country}/a'", api: 'https://start.{country}/v1' }),
  ],
  ['a callback’s value in the path', file([realm], { api: 'https://api.acme.test/company/{realm}' })],
  ['a learnt origin for the API', file([instance], { api: 'https://{instance}/services' })],
  [
    'a listed value of the callback in a host',
    file(['dc: { from: callback, parameter: location, values: { eu: acme.eu, us: acme.test } }'], {
      api: 'https://api.{dc}',
    }),
  ],
  [
    'JSON in a parameter',
    file([shop], { more: `authorization: { parameters: { claims: '{"userinfo":{"a":null}}', shop: '{shop}' } }` }),
  ],
];

test.each(taken)('%s starts', async (_name, text) => {
  const env = { ...(await testEnvironment()), ACME_CLIENT_ID: 'a', ACME_CLIENT_SECRET: 'b' };
  expect(await refusalHere(env, { acme: text })).toBe('it started');
});

test('providers check names the line of an unknown placeholder, and takes a file that is right', async () => {
  const folder = await createFolder();
  try {
    await writeFile(folder.file('acme.yaml'), file([shop], { api: 'https://{tenant}.acme.test' }));
    const bad = await folder.run(['providers', 'check', 'acme.yaml']);
    expect([bad.code, bad.stdout]).toEqual([
      1,
      expect.stringContaining('acme.yaml:8: acme: api.base_url names {tenant}'),
    ]);
    await writeFile(folder.file('acme.yaml'), file([shop], { api: 'https://{shop}.acme.test' }));
    expect((await folder.run(['providers', 'check', 'acme.yaml'])).code).toBe(0);
  } finally {
    await folder.remove();
  }
});
