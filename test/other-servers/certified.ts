import { startOidcProvider } from '../world/oidc-provider.js';
import type { OtherServer, OtherServerOptions } from './other-server.js';

/** The certified `oidc-provider`: its userinfo endpoint stands for the API. */
export async function startCertified({ redirectUri }: OtherServerOptions): Promise<OtherServer> {
  const server = await startOidcProvider({ redirectUris: [redirectUri], clientAuthentication: 'client_secret_basic' });
  const { issuer, clientId, clientSecret } = server;
  return {
    file: {
      extends: 'generic-oidc',
      issuer,
      client_authentication: 'client_secret_basic',
      scopes: ['openid', 'profile', 'email', 'offline_access'],
      // Without it this server leaves offline_access out (OpenID Connect Core section 11).
      authorization: { parameters: { prompt: 'consent' } },
      revocation: { token: 'refresh_token', ends: 'grant' },
      api: { base_url: issuer },
      account: { source: 'userinfo', subject: 'sub', label: ['email'] },
    },
    label: 'jo@example.test',
    me: { path: '/me', answer: { sub: 'jo' } },
    client: { clientId, clientSecret },
    close: () => server.close(),
  };
}
