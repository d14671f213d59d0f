import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as client from 'openid-client';
import { callback, clientOf, describe } from './sandbox-world.js';
import { PersonBrowser } from './person-browser.js';

/** By its name as text, because the package marks it so that it stands out; the sandbox speaks http on loopback only. */
const onLoopback = (client as Record<string, unknown>)['allowInsecureRequests'] as (
  configuration: client.Configuration,
) => void;

let world: Awaited<ReturnType<typeof clientOf>>;
beforeAll(async () => {
  world = await clientOf('request-finance');
});
afterAll(() => world.sandbox.close());

/** The journey as a certified client makes it, which checks every answer against the specifications. */
async function journey(provider: string, parameters: Record<string, string>, oidc: boolean) {
  const { file, credentials } = describe(world.sandbox, provider);
  const configuration = await client.discovery(
    new URL(file.issuer!),
    credentials.client_id,
    oidc ? { id_token_signed_response_alg: 'RS256' } : {},
    client.ClientSecretBasic(credentials.client_secret),
    {
      algorithm: oidc ? 'oidc' : 'oauth2',
      execute: [onLoopback, ...(oidc ? [client.enableNonRepudiationChecks] : [])],
    },
  );
  const verifier = client.randomPKCECodeVerifier();
  const url = client.buildAuthorizationUrl(configuration, {
    ...parameters,
    redirect_uri: callback(provider),
    state: 'state',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const back = await new PersonBrowser(world.sandbox.url).allow(url.href);
  const checks = { pkceCodeVerifier: verifier, expectedState: 'state' };
  const expectedNonce = parameters['nonce'];
  const tokens = await client.authorizationCodeGrant(configuration, back, {
    ...checks,
    ...(expectedNonce === undefined ? {} : { expectedNonce }),
  });
  const renewed = await client.refreshTokenGrant(configuration, tokens.refresh_token!);
  const refreshToken = renewed.refresh_token ?? tokens.refresh_token!;
  await client.tokenRevocation(configuration, refreshToken);
  const afterwards = client.refreshTokenGrant(configuration, refreshToken);
  return { tokens, renewed, afterwards };
}

test('a certified client connects, renews and revokes at the OpenID provider', async () => {
  const parameters = { scope: 'openid email offline_access', audience: 'accounts', nonce: 'nonce' };
  const { tokens, renewed, afterwards } = await journey('request-finance', parameters, true);
  expect(tokens.claims()).toMatchObject({ email: 'jo@example.org', nonce: 'nonce' });
  expect(renewed.access_token).not.toBe(tokens.access_token);
  await expect(afterwards).rejects.toMatchObject({ error: 'invalid_grant' });
});

test('a certified client connects, renews and revokes at the OAuth 2.1 server, whose iss it demands', async () => {
  const { tokens, renewed, afterwards } = await journey('luca-v2', { scope: 'accounting.read' }, false);
  expect(renewed.refresh_token).not.toBe(tokens.refresh_token);
  await expect(afterwards).rejects.toMatchObject({ error: 'invalid_grant' });
  world.sandbox.control.set('luca-v2', { callback_iss: 'missing' });
  await expect(journey('luca-v2', { scope: 'accounting.read' }, false)).rejects.toThrow();
});
