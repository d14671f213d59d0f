import * as openid from 'openid-client';
import { compact } from '../compact.js';
import type { Provider, TokenExchange } from '../providers/provider.js';
import type { AuthorizationServer } from './authorization-server.js';
import {
  clientAuthentication,
  provingKeys,
  revokingAuthentication,
  serverCertificate,
} from './client-authentication.js';
import type { HttpAnswer, HttpClient } from '../http/client.js';
import { HttpFailure } from '../http/failure.js';
import { toldValues } from './learn-values.js';
import { scopeParameter } from './scopes.js';
import { revokeAtApi, saysRevoked, writeRevocation, type DoomedToken } from './revocation-request.js';
import { writeTokenRequest, type WrittenRequest } from './token-request.js';
import { readTokenAnswer, TokenEndpointError, type TokenResponse } from './token-response.js';

/**
 * The three grants of RFC 6749 that this server uses, and revocation (RFC 7009). The requests are built by openid-client;
 * the answers are read by our own stricter rules before it sees them, since a provider's way of saying no is data.
 * All throw TokenEndpointError.
 */
export interface Grants {
  /** RFC 6749 section 4.1.3. `redirectUri` must be the one of the authorization request. */
  authorizationCode(
    provider: Provider,
    server: AuthorizationServer,
    request: { code: string; redirectUri: string; codeVerifier?: string },
  ): Promise<TokenResponse>;
  /** RFC 6749 section 6. */
  refreshToken(
    provider: Provider,
    server: AuthorizationServer,
    refreshToken: string,
    sending?: Sending,
  ): Promise<TokenResponse>;
  /** RFC 6749 section 4.4. */
  clientCredentials(provider: Provider, server: AuthorizationServer, sending?: Sending): Promise<TokenResponse>;
  /** RFC 7009, or what the provider file says instead. Resolves to whether the server said that the token is gone. */
  revoke(provider: Provider, server: AuthorizationServer, doomed: DoomedToken): Promise<boolean>;
}

/** How a token request is sent. */
export interface Sending {
  /** Milliseconds until the whole response must have arrived. */
  timeoutMs: number;
  /** Asked when the request is about to leave; false: it does not. */
  maySend: () => boolean;
}

/** How one request differs from the usual one. */
interface Writing {
  /** Further parameters. */
  more?: Readonly<Record<string, string>>;
  /** The token endpoint where absent. */
  address?: string | undefined;
  method?: 'POST' | 'GET';
}

/** `revocations` has connections of its own, so that no token request waits behind one. */
export function createGrants(http: HttpClient, revocations: HttpClient = http): Grants {
  /** Runs one grant, and takes its answer as it comes from the wire. */
  const exchange = async (
    provider: Provider,
    server: AuthorizationServer,
    { more = {}, address, method = 'POST' }: Writing,
    run: (configuration: openid.Configuration) => Promise<unknown>,
    sending?: Sending,
  ): Promise<TokenResponse> => {
    let tokens: TokenResponse | undefined;
    const send: Fetch = async (url, options) => {
      const { request: rules } = provider.token;
      const own = method === 'GET' ? ({ ...rules, format: 'query' } as const) : rules;
      const request = { ...writeTokenRequest(address ?? url, options, own, more), method };
      const response = await ask(http, request, provider, sending);
      const read = readTokenAnswer(response, provider.token, [
        ...secretsIn(options.body, provider),
        ...request.secrets,
      ]);
      tokens = { ...read, ...compact({ told: toldValues(provider, response.body) }) };
      return Response.json({ access_token: tokens.accessToken, token_type: 'bearer' });
    };
    for (const proof of provingKeys(provider)) {
      try {
        await run(configure(provider, server, send, clientAuthentication(provider, server, proof.key)));
        proof.accepted();
        break;
      } catch (error) {
        const failure = toTokenEndpointError(error);
        if (failure.code !== 'invalid_client' || proof.isLast) throw failure;
      }
    }
    if (!tokens) throw new TokenEndpointError('malformed', 'no_answer');
    return tokens;
  };

  /** Changes a token for one that lives longer. That one is what the next one is asked for with. */
  const change = async (
    provider: Provider,
    server: AuthorizationServer,
    { method, parameters }: TokenExchange,
    { endpoint: address, grantType, tokenParameter }: TokenExchange['first'],
    token: string,
    sending?: Sending,
  ): Promise<TokenResponse> => {
    const all = { ...provider.token.parameters, ...parameters, [tokenParameter]: token };
    const run = (configuration: openid.Configuration) => openid.genericGrantRequest(configuration, grantType, all);
    const response = await exchange(provider, server, { address, method }, run, sending);
    return { ...response, refreshToken: response.accessToken };
  };

  return {
    authorizationCode: async (provider, server, { code, redirectUri, codeVerifier }) => {
      const response = await exchange(provider, server, { more: provider.token.request.code }, (configuration) => {
        const callback = new URL(redirectUri);
        callback.searchParams.set('code', code);
        if (server.issuer !== undefined) callback.searchParams.set('iss', server.issuer);
        const checks = codeVerifier === undefined ? {} : { pkceCodeVerifier: codeVerifier };
        return openid.authorizationCodeGrant(configuration, callback, checks, provider.token.parameters);
      });
      const { exchange: rule } = provider.token;
      if (!rule) return response;
      const { idToken, scope } = response;
      const long = await change(provider, server, rule, rule.first, response.accessToken);
      return { ...compact({ idToken, scope }), ...long };
    },

    refreshToken: (provider, server, refreshToken, sending) => {
      const { exchange: rule, parameters, request } = provider.token;
      if (rule) return change(provider, server, rule, rule.renew, refreshToken, sending);
      return exchange(
        provider,
        server,
        { more: request.refresh, address: server.refreshEndpoint },
        (configuration) => openid.refreshTokenGrant(configuration, refreshToken, parameters),
        sending,
      );
    },

    clientCredentials: (provider, server, sending) => {
      const parameters = { ...provider.token.parameters, ...scopeParameter(provider) };
      return exchange(
        provider,
        server,
        {},
        (configuration) => openid.clientCredentialsGrant(configuration, parameters),
        sending,
      );
    },

    revoke: async (provider, server, doomed) => {
      const { request } = provider.revocation;
      if (request.path !== undefined && server.revocationEndpoint === undefined)
        return saysRevoked(await revokeAtApi(revocations, provider, doomed));
      let isRevoked = false;
      const send: Fetch = async (url, options) => {
        const written = {
          ...writeRevocation(url, options, provider, doomed),
          certificate: serverCertificate(provider),
        };
        isRevoked = saysRevoked(await revocations(written.url, written, { deadline: 5_000 }));
        return new Response(null, { status: 200 });
      };
      const [proof] = provingKeys(provider);
      const authentication = revokingAuthentication(provider, server, proof?.key);
      const configuration = configure(provider, server, send, authentication);
      const hint = { token_type_hint: doomed.kind };
      await openid.tokenRevocation(configuration, doomed.token, hint).catch(() => undefined);
      return isRevoked;
    },
  };
}

type Fetch = (url: string, options: openid.CustomFetchOptions) => Promise<Response>;

function configure(
  provider: Provider,
  server: AuthorizationServer,
  fetch: Fetch,
  authentication: openid.ClientAuth,
): openid.Configuration {
  const configuration = new openid.Configuration(
    {
      // Servers without an issuer of their own are named by their token endpoint; nothing is compared with it.
      issuer: server.issuer ?? server.tokenEndpoint,
      token_endpoint: server.tokenEndpoint,
      ...(server.revocationEndpoint === undefined ? {} : { revocation_endpoint: server.revocationEndpoint }),
    },
    provider.clientId,
    {},
    authentication,
  );
  configuration[openid.customFetch] = fetch;
  // The HTTP client has the deadlines.
  configuration.timeout = 120;
  // The scheme of every endpoint was checked when the provider file and the metadata were read.
  if (server.tokenEndpoint.startsWith('http:')) allowLoopback(configuration);
  return configuration;
}

function ask(
  http: HttpClient,
  { url, headers, body, method }: WrittenRequest & { method: 'POST' | 'GET' },
  provider: Provider,
  { timeoutMs, maySend }: Partial<Sending> = {},
): Promise<HttpAnswer> {
  const certificate = serverCertificate(provider);
  const request = compact({ method, headers, body: method === 'GET' ? undefined : body, maySend, certificate });
  return http(url, request, compact({ deadline: timeoutMs }));
}

/** What a server may repeat in a refusal, and no log may hold. */
function secretsIn(body: unknown, { token: { exchange } }: Provider): string[] {
  if (!(body instanceof URLSearchParams)) return [];
  const names = ['code', 'code_verifier', 'refresh_token', 'client_secret', 'client_assertion'];
  const changed = exchange ? [exchange.first.tokenParameter, exchange.renew.tokenParameter] : [];
  return [...names, ...changed].flatMap((name) => body.getAll(name));
}

function allowLoopback(configuration: openid.Configuration): void {
  openid.allowInsecureRequests(configuration);
}

/** openid-client wraps what the fetch threw; ours is found along the causes. */
function toTokenEndpointError(error: unknown): TokenEndpointError {
  for (let at = error, depth = 0; at instanceof Error && depth < 6; at = at.cause, depth += 1) {
    if (at instanceof TokenEndpointError) return at;
    if (at instanceof HttpFailure)
      return new TokenEndpointError(at.code === 'too_large' ? 'malformed' : 'transient', at.code, { cause: at });
  }
  return new TokenEndpointError('malformed', 'unexpected', { cause: error });
}
