import { GatehouseError } from '../errors.js';
import { describeError, type Log } from '../log/log.js';
import type { Provider } from '../providers/provider.js';
import { compact } from '../compact.js';
import { hasUserOrFragment, isSecureAddress } from '../config/loopback.js';
import { withEndpoints, type AuthorizationServer } from './authorization-server.js';
import type { HttpClient } from '../http/client.js';
import { HttpFailure } from '../http/failure.js';
import { DiscoveryError } from './discovery-error.js';
import { agreedIssuer } from '../issuer.js';
import { fetchMetadata, misconfigured, pending, textOf, type Metadata } from './metadata.js';

export interface ServerDirectory {
  /**
   * The provider's authorization server. Throws GatehouseError discovery_pending while its metadata cannot be fetched,
   * provider_misconfigured when what it publishes cannot be used.
   */
  get(provider: Provider): Promise<AuthorizationServer>;
  /** What is known right now, for a listing; never fetches. */
  state(provider: Provider): 'ready' | 'pending' | 'misconfigured';
}

interface Dependencies {
  http: HttpClient;
  log: Log;
  production: boolean;
  /** Milliseconds since the epoch. */
  now: () => number;
}

interface Entry {
  server?: AuthorizationServer;
  failure?: GatehouseError;
  /** Milliseconds since the epoch; before it, what is known counts. */
  goodUntil: number;
  fetching?: Promise<AuthorizationServer>;
}

const ageLimit = 3_600_000;
const failureAge = 2_000;

export function createServerDirectory({ http, log, production, now }: Dependencies): ServerDirectory {
  const entries = new Map<string, Entry>();

  const refetch = (provider: Provider, entry: Entry): Promise<AuthorizationServer> =>
    (entry.fetching ??= discover(provider, http, production)
      .then((server) => {
        entry.server = server;
        delete entry.failure;
        entry.goodUntil = now() + ageLimit;
        return server;
      })
      .catch((error: unknown) => {
        const failure = toFailure(error, provider);
        const hint = failure.cause instanceof DiscoveryError ? failure.cause.hint : undefined;
        log.warn('discovery.failed', { provider: provider.id, code: failure.code, ...describeError(error), hint });
        entry.goodUntil = now() + failureAge;
        entry.failure = failure;
        if (entry.server && failure.code === 'discovery_pending') return entry.server;
        delete entry.server;
        throw failure;
      })
      .finally(() => delete entry.fetching));

  const get = async (provider: Provider): Promise<AuthorizationServer> => {
    const written = fromFile(provider);
    if (written) return written;
    const server = await published(provider);
    // What was published is kept for all connections; their own addresses are not.
    return provider.variables ? withEndpoints(server, provider) : server;
  };

  const published = async (provider: Provider): Promise<AuthorizationServer> => {
    const entry = entries.get(provider.id) ?? { goodUntil: 0 };
    entries.set(provider.id, entry);
    const fresh = now() < entry.goodUntil;
    if (entry.server) {
      if (!fresh) refetch(provider, entry).catch(() => undefined);
      return entry.server;
    }
    if (fresh && entry.failure && !entry.fetching) throw entry.failure;
    return refetch(provider, entry);
  };

  const state: ServerDirectory['state'] = (provider) => {
    const entry = entries.get(provider.id);
    if (fromFile(provider) ?? entry?.server) return 'ready';
    return entry?.failure?.code === 'provider_misconfigured' ? 'misconfigured' : 'pending';
  };
  return { get, state };
}

/** Without an issuer there is nothing to discover; with every endpoint given by hand there is no need to. */
function fromFile({ issuer, discoveryUrl, endpoints, protocol, grant }: Provider): AuthorizationServer | undefined {
  if (grant === 'api_key') return { tokenEndpoint: '', issParameterSupported: false };
  const { authorization, token, refresh, revocation, userinfo, jwks } = endpoints;
  const complete = token !== undefined && (protocol === 'oauth2' ? authorization !== undefined : authorization && jwks);
  if (token === undefined || discoveryUrl !== undefined || (issuer !== undefined && !complete)) return undefined;
  return compact({
    issuer,
    authorizationEndpoint: authorization,
    tokenEndpoint: token,
    refreshEndpoint: refresh,
    revocationEndpoint: revocation,
    userinfoEndpoint: userinfo,
    jwksUri: jwks,
    issParameterSupported: false,
  });
}

async function discover(provider: Provider, http: HttpClient, production: boolean): Promise<AuthorizationServer> {
  const published = await fetchMetadata(provider, http);
  const metadata = provider.clientAuthentication === 'tls' ? withAliases(published) : published;
  const { endpoints } = provider;
  const authorization = endpoints.authorization ?? textOf(metadata, 'authorization_endpoint');
  const token = endpoints.token ?? textOf(metadata, 'token_endpoint');
  const revocation = endpoints.revocation ?? textOf(metadata, 'revocation_endpoint');
  const userinfo = endpoints.userinfo ?? textOf(metadata, 'userinfo_endpoint');
  const jwks = endpoints.jwks ?? textOf(metadata, 'jwks_uri');
  const endSession = textOf(metadata, 'end_session_endpoint');
  if (token === undefined) throw misconfigured(provider, 'its metadata names no token endpoint');
  if (authorization === undefined && provider.grant === 'authorization_code')
    throw misconfigured(provider, 'its metadata names no authorization endpoint');
  if (jwks === undefined && provider.protocol === 'oidc' && provider.token.idTokenAlgorithm !== 'HS256')
    throw misconfigured(provider, 'its metadata names no keys (jwks_uri)');
  for (const [name, address] of Object.entries({ authorization, token, revocation, userinfo, jwks }))
    if (address !== undefined && !isUsable(address, production))
      throw misconfigured(provider, `its ${name} address is not https, or has a user or a fragment`);

  return compact({
    issuer: agreedIssuer(provider.issuer, textOf(metadata, 'issuer')),
    authorizationEndpoint: authorization,
    tokenEndpoint: token,
    refreshEndpoint: endpoints.refresh,
    revocationEndpoint: revocation,
    userinfoEndpoint: userinfo,
    jwksUri: jwks,
    // People can sign in without it: one that cannot be used is left out.
    endSessionEndpoint: endSession !== undefined && isUsable(endSession, production) ? endSession : undefined,
    issParameterSupported: metadata['authorization_response_iss_parameter_supported'] === true,
  });
}

/** RFC 8705 section 5: the addresses at which a server asks for the client's certificate. */
function withAliases(metadata: Metadata): Metadata {
  const aliases = metadata['mtls_endpoint_aliases'];
  return typeof aliases === 'object' && aliases !== null ? { ...metadata, ...aliases } : metadata;
}

function toFailure(error: unknown, provider: Provider): GatehouseError {
  if (error instanceof GatehouseError) return error;
  if (error instanceof HttpFailure && error.code === 'too_large')
    return misconfigured(provider, 'its metadata is too large');
  return pending(provider, error);
}

/** RFC 6749 section 3.1: an endpoint has no fragment. A user in it would be sent as credentials, or shown to a person. */
function isUsable(address: string, production: boolean): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return isSecureAddress(url, production) && !hasUserOrFragment(url);
}
