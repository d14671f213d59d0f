import { GatehouseError } from '../errors.js';
import { describeError, type Log } from '../log/log.js';
import type { Provider } from '../providers/provider.js';
import { isSecureAddress } from '../config/loopback.js';
import type { AuthorizationServer } from './authorization-server.js';
import type { HttpClient } from '../http/client.js';
import { HttpFailure } from '../http/failure.js';

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
        log.warn('discovery.failed', { provider: provider.id, code: failure.code, ...describeError(error) });
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
function fromFile({ issuer, discoveryUrl, endpoints, protocol }: Provider): AuthorizationServer | undefined {
  const { authorization, token, revocation, userinfo, jwks } = endpoints;
  const complete = token !== undefined && (protocol === 'oauth2' ? authorization !== undefined : authorization && jwks);
  if (token === undefined || discoveryUrl !== undefined || (issuer !== undefined && !complete)) return undefined;
  return {
    ...(issuer === undefined ? {} : { issuer }),
    ...(authorization === undefined ? {} : { authorizationEndpoint: authorization }),
    tokenEndpoint: token,
    ...(revocation === undefined ? {} : { revocationEndpoint: revocation }),
    ...(userinfo === undefined ? {} : { userinfoEndpoint: userinfo }),
    ...(jwks === undefined ? {} : { jwksUri: jwks }),
    issParameterSupported: false,
  };
}

async function discover(provider: Provider, http: HttpClient, production: boolean): Promise<AuthorizationServer> {
  const metadata = await fetchMetadata(provider, http);
  const { endpoints } = provider;
  const published = text(metadata, 'issuer');
  const authorization = endpoints.authorization ?? text(metadata, 'authorization_endpoint');
  const token = endpoints.token ?? text(metadata, 'token_endpoint');
  const revocation = endpoints.revocation ?? text(metadata, 'revocation_endpoint');
  const userinfo = endpoints.userinfo ?? text(metadata, 'userinfo_endpoint');
  const jwks = endpoints.jwks ?? text(metadata, 'jwks_uri');
  if (token === undefined) throw misconfigured(provider, 'its metadata names no token endpoint');
  if (authorization === undefined && provider.grant === 'authorization_code')
    throw misconfigured(provider, 'its metadata names no authorization endpoint');
  if (jwks === undefined && provider.protocol === 'oidc' && provider.token.idTokenAlgorithm !== 'HS256')
    throw misconfigured(provider, 'its metadata names no keys (jwks_uri)');
  for (const address of [authorization, token, revocation, userinfo, jwks])
    if (address !== undefined && !isUsable(address, production))
      throw misconfigured(provider, 'its metadata names an endpoint that is not https');

  return {
    ...(published === undefined ? {} : { issuer: published }),
    ...(authorization === undefined ? {} : { authorizationEndpoint: authorization }),
    tokenEndpoint: token,
    ...(revocation === undefined ? {} : { revocationEndpoint: revocation }),
    ...(userinfo === undefined ? {} : { userinfoEndpoint: userinfo }),
    ...(jwks === undefined ? {} : { jwksUri: jwks }),
    issParameterSupported: metadata['authorization_response_iss_parameter_supported'] === true,
  };
}

/**
 * The first document that speaks of this issuer. A server may answer anything at the addresses that it does not know: a
 * page of its own, or the metadata of another issuer.
 */
async function fetchMetadata(provider: Provider, http: HttpClient): Promise<Record<string, unknown>> {
  let failure = misconfigured(provider, 'it publishes no metadata at its discovery address');
  for (const url of metadataUrls(provider)) {
    const answer = await http(url, { method: 'GET', headers: { accept: 'application/json' } }, { deadline: 5_000 });
    if (answer.status >= 500 || answer.status === 429 || answer.status === 408) failure = pending(provider);
    if (answer.status !== 200) continue;
    const metadata = parseObject(answer.body);
    if (metadata && isOf(provider.issuer, metadata)) return metadata;
    const why = metadata
      ? 'its published issuer is another one than the configured (RFC 8414 section 3.3)'
      : 'its metadata is not a JSON object';
    if (failure.code !== 'discovery_pending') failure = misconfigured(provider, why);
  }
  throw failure;
}

function isOf(issuer: string | undefined, metadata: Record<string, unknown>): boolean {
  const published = text(metadata, 'issuer');
  return issuer === undefined || (published !== undefined && withoutSlash(published) === withoutSlash(issuer));
}

/**
 * OpenID Connect Discovery section 4 appends to the issuer's path; RFC 8414 section 3.1 inserts before it, and servers
 * are found that append there, too.
 */
export function metadataUrls({ protocol, issuer = '', discoveryUrl }: Provider): string[] {
  if (discoveryUrl !== undefined) return [discoveryUrl];
  const { origin, pathname } = new URL(issuer);
  const path = withoutSlash(pathname);
  const openid = `${origin}${path}/.well-known/openid-configuration`;
  const oauth = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/oauth-authorization-server`,
  ];
  return [...new Set(protocol === 'oidc' ? [openid, ...oauth] : [...oauth, openid])];
}

function toFailure(error: unknown, provider: Provider): GatehouseError {
  if (error instanceof GatehouseError) return error;
  if (error instanceof HttpFailure && error.code === 'too_large')
    return misconfigured(provider, 'its metadata is too large');
  return pending(provider, error);
}

function pending(provider: Provider, cause?: unknown): GatehouseError {
  const detail = `${provider.name} could not be asked for its addresses yet. Try again in a moment.`;
  return new GatehouseError('discovery_pending', detail, { provider: provider.id, retryAfter: 3, cause });
}

function misconfigured(provider: Provider, why: string): GatehouseError {
  return new GatehouseError(
    'provider_misconfigured',
    `${provider.name} cannot be used: ${why}. The administrator has to look at its provider file.`,
    provider.id,
  );
}

function isUsable(address: string, production: boolean): boolean {
  return URL.canParse(address) && isSecureAddress(new URL(address), production);
}

function parseObject(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function text(metadata: Record<string, unknown>, name: string): string | undefined {
  const value = metadata[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function withoutSlash(address: string): string {
  return address.endsWith('/') ? address.slice(0, -1) : address;
}
