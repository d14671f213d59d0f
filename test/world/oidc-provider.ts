import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import { stringify } from 'yaml';
import { listen } from './listen.js';
import { memoryAdapter } from './oidc-provider-memory.js';
import { showInteraction } from './oidc-provider-pages.js';
import { clientEnvironment } from './providers-directory.js';

export interface OidcProviderOptions {
  /** Exact redirect URIs of the client: the callback under PUBLIC_URL. */
  redirectUris: string[];
  /** Provider id, for the file and the environment; `acme` when absent. */
  id?: string;
  /** A refresh token is spent by its use; true when absent. */
  rotation?: boolean;
  /** Seconds; 3600 when absent. */
  accessTokenLifetime?: number;
  clientAuthentication?: 'client_secret_post' | 'client_secret_basic';
  /** A resource indicator (RFC 8707): access tokens become JWTs for it. Opaque when absent. */
  resource?: string;
}

export interface OidcProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Requests to the token endpoint. */
  readonly tokenCalls: number;
  readonly revocationCalls: number;
  /** Text for PROVIDERS_DIR. */
  providerFile(options?: { apiBase?: string; more?: Record<string, unknown> }): string;
  /** <ID>_CLIENT_ID and <ID>_CLIENT_SECRET. */
  environment(): Record<string, string>;
  close(): Promise<void>;
}

interface Client {
  clientId: string;
  clientSecret: string;
}

async function configuration(
  given: OidcProviderOptions,
  { clientId, clientSecret }: Client,
): Promise<Record<string, unknown>> {
  const { rotation = true, accessTokenLifetime = 3600, resource } = given;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return {
    adapter: memoryAdapter(),
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: given.redirectUris,
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: given.clientAuthentication ?? 'client_secret_post',
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'one', use: 'sig', alg: 'RS256' }] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    claims: { openid: ['sub'], profile: ['name'], email: ['email', 'email_verified'] },
    findAccount: (_ctx: unknown, sub: string) => ({
      accountId: sub,
      claims: () => ({ sub, name: sub, email: `${sub}@example.test`, email_verified: true }),
    }),
    pkce: { required: () => true },
    rotateRefreshToken: rotation,
    issueRefreshToken: () => true,
    ttl: {
      AccessToken: accessTokenLifetime,
      RefreshToken: 86_400,
      IdToken: 3600,
      Session: 3600,
      Grant: 86_400,
      Interaction: 600,
    },
    interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: resource !== undefined,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'api',
          audience: resource,
          accessTokenTTL: accessTokenLifetime,
          accessTokenFormat: 'jwt',
        }),
      },
    },
  };
}

/** The certified `oidc-provider` package as an authorization server on a loopback port. */
export async function startOidcProvider(given: OidcProviderOptions): Promise<OidcProvider> {
  const client: Client = { clientId: 'gatehouse-test', clientSecret: randomBytes(24).toString('base64url') };
  const counts = { token: 0, revocation: 0 };
  // The issuer holds the port, so the server listens before the provider behind it exists.
  let handle: (req: IncomingMessage, res: ServerResponse) => void = (_req, res) => res.writeHead(503).end();
  const listening = await listen((req, res) => {
    const path = (req.url ?? '').split('?')[0] ?? '';
    if (path === '/token') counts.token++;
    if (path === '/token/revocation') counts.revocation++;
    handle(req, res);
  });
  const provider = new Provider(listening.origin, await configuration(given, client));
  const answer = provider.callback();
  handle = (req, res) => {
    if (!/^\/interaction\/[\w-]+$/.test(req.url ?? '')) answer(req, res);
    else showInteraction(provider, req, res).catch(() => res.writeHead(400).end());
  };
  const { id = 'acme', clientAuthentication = 'client_secret_post', resource } = given;
  return {
    issuer: listening.origin,
    ...client,
    get tokenCalls() {
      return counts.token;
    },
    get revocationCalls() {
      return counts.revocation;
    },
    environment: () => clientEnvironment(id, client.clientId, client.clientSecret),
    providerFile: ({ apiBase = listening.origin, more } = {}) =>
      stringify({
        id,
        name: 'Acme Books',
        extends: 'generic-oidc',
        issuer: listening.origin,
        client_authentication: clientAuthentication,
        scopes: ['openid', 'profile', 'email', 'offline_access', ...(resource === undefined ? [] : ['api'])],
        // Without it this server leaves offline_access out (OpenID Connect Core section 11).
        authorization: { parameters: { prompt: 'consent' } },
        revocation: { token: 'refresh_token', ends: 'grant' },
        api: { base_url: apiBase },
        ...more,
      }),
    close: () => listening.close(),
  };
}
