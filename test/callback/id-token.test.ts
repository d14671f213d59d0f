import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { connectionOf, outcomeOf, startConnectWorld, type ConnectWorld } from '../connect/world.js';
import type { IdTokenBend } from '../world/misbehaving/id-token.js';
import { acceptedIdTokens, issuedInFuture, refusedIdTokens } from '../world/misbehaving/id-token-bends.js';

let world: ConnectWorld;

beforeAll(async () => {
  world = await startConnectWorld({
    files: {
      trusting: {
        extends: 'generic-oidc',
        issuer: '$base',
        token: { trusted_audiences: ['https://api.acme.test'] },
        api: { base_url: '$base' },
      },
      informed: {
        extends: 'generic-oidc',
        issuer: '$base',
        account: { source: 'userinfo', subject: 'sub', label: ['email'] },
        revocation: { ends: 'token' },
        api: { base_url: '$base' },
      },
      tenants: {
        extends: 'generic-oidc',
        issuer: '$base/{tid}/v2.0',
        discovery_url: '$base/.well-known/openid-configuration',
        api: { base_url: '$base' },
      },
      common: {
        extends: 'generic-oidc',
        issuer: '$base/common/v2.0',
        discovery_url: '$base/.well-known/openid-configuration',
        api: { base_url: '$base' },
      },
      symmetric: {
        extends: 'generic-oidc',
        issuer: '$base',
        token: { id_token_algorithm: 'HS256' },
        api: { base_url: '$base' },
      },
      careless: {
        extends: 'generic-oauth2',
        endpoints: { authorization: '$base/authorize', token: '$base/token' },
        scopes: ['openid'],
        api: { base_url: '$base' },
      },
    },
  });
});
afterAll(() => world.close());
beforeEach(() => world.reset());

const connectWith = async (bend: IdTokenBend | undefined, provider = 'acme') => {
  const browser = world.newBrowser();
  if (bend) world.acme.bend.idToken = bend;
  const answer = await world.connect(browser, provider);
  expect(answer.status).toBe(303);
  return { browser, outcome: outcomeOf(answer) };
};

describe('an ID token that', () => {
  test.each(Object.entries({ ...refusedIdTokens, 'was issued tomorrow': issuedInFuture }))(
    '%s is refused: nothing is connected, and the tokens are given back',
    async (name, bend) => {
      const { browser, outcome } = await connectWith(bend);
      expect(outcome).toBe(name.includes('nonce') ? 'nonce_mismatch' : 'id_token_invalid');
      expect(await world.statuses(browser)).toMatchObject({ acme: 'not_connected' });
      expect(browser.cookies()).toEqual([]);
      expect(world.acme.revocations).toHaveLength(1);
      expect(world.exchanges()).toBe(1);
    },
  );

  test.each(Object.entries(acceptedIdTokens))('%s is accepted', async (_name, bend) => {
    const { browser, outcome } = await connectWith(bend);
    expect(outcome).toBeNull();
    expect((await connectionOf(browser)).account).toEqual({ subject: 'person-1', label: 'jo@example.test' });
  });

  test.each<[string, IdTokenBend]>([
    ['is a list', { claims: () => ({ aud: [] }) }],
    ['has a subject of 256 characters', { claims: { sub: 'x'.repeat(256) } }],
    ['has a time of issue in words', { claims: { iat: 'now' } }],
    ['has an at_hash of another access token', { claims: { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' } }],
    ['has an azp that is a list', { claims: (_claims, { clientId }) => ({ azp: [clientId] }) }],
  ])('%s is refused', async (_name, bend) => {
    expect((await connectWith(bend)).outcome).toBe('id_token_invalid');
  });

  test.each(['not-a-jwt', 'e30.e30.', '..', 'a.b.c.d.e'])('reads %s is refused', async (text) => {
    world.acme.bend.token = { body: { id_token: text } };
    expect((await connectWith(undefined)).outcome).toBe('id_token_invalid');
  });

  test('is missing although openid was asked for is refused', async () => {
    world.acme.bend.withoutIdToken = true;
    const { browser, outcome } = await connectWith(undefined);
    expect(outcome).toBe('id_token_invalid');
    expect(await world.statuses(browser)).toMatchObject({ acme: 'not_connected' });
  });

  test('names a second audience is accepted where the file trusts it, or where it authorizes this client', async () => {
    const both: IdTokenBend = { claims: (_claims, { clientId }) => ({ aud: [clientId, 'https://api.acme.test'] }) };
    expect((await connectWith(both, 'trusting')).outcome).toBeNull();
    expect((await connectWith(both, 'acme')).outcome).toBe('id_token_invalid');
    const authorized: IdTokenBend = {
      claims: (_claims, { clientId }) => ({ aud: [clientId, 'elsewhere'], azp: clientId }),
    };
    expect((await connectWith(authorized, 'acme')).outcome).toBeNull();
  });

  test('is signed HS256 with the client secret is accepted where the file says so, and RS256 is not then', async () => {
    expect((await connectWith({ signature: 'hs256_client_secret' }, 'symmetric')).outcome).toBeNull();
    expect((await connectWith({ signature: 'hs256_public_key' }, 'symmetric')).outcome).toBe('id_token_invalid');
    expect((await connectWith({}, 'symmetric')).outcome).toBe('id_token_invalid');
  });

  test('nobody asked for does not matter to a provider that is not an OpenID provider', async () => {
    const { browser, outcome } = await connectWith({ signature: 'none' }, 'careless');
    expect(outcome).toBeNull();
    expect((await connectionOf(browser, 'careless')).account).toEqual({ subject: null, label: null });
  });

  test.each(['tenants', 'common'])(
    'names the tenant of an issuer template is accepted, and no other: %s',
    async (id) => {
      const tid = '72f988bf-86f1-41af-91ab-2d7cd011db47';
      const template = { body: { issuer: `${world.acme.base}/{tenantid}/v2.0` } };
      const of = (iss: string, more: object = { tid }) => ({ claims: { iss: `${world.acme.base}${iss}`, ...more } });
      const outcomeWith = async (bend: IdTokenBend) => {
        world.acme.bend.discovery = template;
        return (await connectWith(bend, id)).outcome;
      };
      expect(await outcomeWith(of(`/${tid}/v2.0`))).toBeNull();
      expect(await outcomeWith(of(`/another/v2.0`))).toBe('id_token_invalid');
      expect(await outcomeWith(of(`/${tid}/v2.0`, {}))).toBe('id_token_invalid');
      expect(await outcomeWith(of(`/{tenantid}/v2.0`, { tid: '{tenantid}' }))).toBe('id_token_invalid');
      expect(await outcomeWith(of(`/a/b/v2.0`, { tid: 'a/b' }))).toBe('id_token_invalid');
      expect(await outcomeWith(of(''))).toBe('id_token_invalid');
    },
  );

  test('names a key id, of a key set without key ids, is verified with those keys', async () => {
    await world.acme.keys.rotate({ dropOld: true });
    world.acme.bend.jwks = { body: { keys: world.acme.keys.published.map(({ jwk: { kid: _kid, ...jwk } }) => jwk) } };
    expect((await connectWith({ header: { kid: 'not-in-the-set' } }, 'acme')).outcome).toBeNull();
    expect((await connectWith({ signature: 'unknown_key' }, 'acme')).outcome).toBe('id_token_invalid');
  });

  test('names another subject than userinfo does is refused, where userinfo names the account', async () => {
    for (const sub of ['somebody-else', undefined, 1]) {
      world.acme.bend.userinfo = { body: { sub } };
      expect((await connectWith(undefined, 'informed')).outcome).toBe('id_token_invalid');
    }
    expect(world.acme.revocations).toHaveLength(3);
    world.acme.bend.userinfo = { body: { email: 'new@example.test' } };
    const { browser, outcome } = await connectWith(undefined, 'informed');
    expect(outcome).toBeNull();
    expect((await connectionOf(browser, 'informed')).account.label).toBe('new@example.test');
  });

  test('is refused while an older connection lives leaves that one as it is', async () => {
    const browser = world.newBrowser();
    await world.connect(browser);
    world.acme.bend.idToken = { claims: { nonce: 'another' } };
    const answer = await world.connect(browser);
    expect(outcomeOf(answer)).toBe('nonce_mismatch');
    expect(await world.statuses(browser)).toMatchObject({ acme: 'connected' });
    expect((await browser.api.get('/proxy/acme/userinfo')).status).toBe(200);
  });
});

describe('the keys of the authorization server', () => {
  test('two of them, and no key id: the one that verifies counts', async () => {
    await world.acme.keys.rotate();
    expect((await connectWith({ header: { kid: undefined } })).outcome).toBeNull();
    expect((await connectWith({ header: { kid: undefined }, signature: 'unknown_key' })).outcome).toBe(
      'id_token_invalid',
    );
  });

  test('changed a moment ago, twice within a second: the next sign-in works', async () => {
    expect((await connectWith(undefined)).outcome).toBeNull();
    await world.acme.keys.rotate({ dropOld: true });
    expect((await connectWith(undefined)).outcome).toBeNull();
    await world.acme.keys.rotate({ dropOld: true });
    expect((await connectWith(undefined)).outcome).toBeNull();
  });

  test('changed a moment ago: a token without key id is verified with the new one', async () => {
    expect((await connectWith(undefined)).outcome).toBeNull();
    await world.acme.keys.rotate({ dropOld: true });
    expect((await connectWith({ header: { kid: undefined } })).outcome).toBeNull();
  });

  test('are asked for again at most once a second for unknown key ids', async () => {
    await connectWith(undefined);
    const before = world.acme.calls.jwks;
    const unknown: IdTokenBend = { signature: 'unknown_key', header: { kid: 'made-up' } };
    const began = performance.now();
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => connectWith(unknown)));
    expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['id_token_invalid']));
    expect(world.acme.calls.jwks - before).toBeLessThanOrEqual(2 + (performance.now() - began) / 1000);
  });

  test('of a stranger, published with a private part or for encryption, are not used', async () => {
    const { jwk } = world.acme.keys.unknown;
    await world.acme.keys.rotate();
    for (const change of [{ use: 'enc' }, { alg: 'RS512' }, { kty: 'oct' }]) {
      world.acme.bend.jwks = { body: { keys: [{ ...jwk, ...change }] } };
      expect((await connectWith({ signature: 'unknown_key', header: { kid: jwk.kid } })).outcome).toBe(
        'id_token_invalid',
      );
    }
  });

  test('cannot be fetched: nothing is connected', async () => {
    await world.acme.keys.rotate({ dropOld: true });
    for (const reply of [{ status: 500 }, { body: '{"keys":7}' }, { body: '<html>' }]) {
      world.acme.bend.jwks = { reply };
      expect((await connectWith(undefined)).outcome).toBe('id_token_invalid');
    }
  });
});
