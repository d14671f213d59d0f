import { GatehouseError } from '../errors.js';
import type { HttpAnswer, HttpClient } from '../http/client.js';
import type { Provider } from '../providers/provider.js';
import { parseExactObject } from '../exact-json.js';
import { serverCertificate } from './client-authentication.js';
import { DiscoveryError } from './discovery-error.js';
import { agreedIssuer } from '../issuer.js';

export type Metadata = Readonly<Record<string, unknown>>;

/**
 * The first document that speaks of this issuer. A server may respond with anything at the addresses that it does not know:
 * a page of its own, or the metadata of another issuer. Throws GatehouseError.
 */
export async function fetchMetadata(provider: Provider, http: HttpClient): Promise<Metadata> {
  let failure = misconfigured(provider, 'it publishes no metadata at its discovery address');
  for (const url of metadataUrls(provider)) {
    const request = {
      method: 'GET',
      headers: { accept: 'application/json' },
      certificate: serverCertificate(provider),
    } as const;
    const response = await http(url, request, { deadline: 5_000 });
    const { status } = response;
    if (status >= 500 || status === 429 || status === 408) failure = pending(provider);
    if (
      status >= 300 &&
      status < 400 &&
      !(failure.cause instanceof DiscoveryError) &&
      failure.code !== 'discovery_pending'
    )
      failure = redirected(provider, url, response);
    if (status !== 200) continue;
    const metadata = parseExactObject(response.body);
    if (metadata && isOf(provider.issuer, metadata)) return metadata;
    const why = metadata
      ? 'its published issuer is another one than the configured (RFC 8414 section 3.3)'
      : 'its metadata is not a JSON object';
    if (failure.code !== 'discovery_pending') failure = misconfigured(provider, why);
  }
  throw failure;
}

/**
 * OpenID Connect Discovery section 4 appends to the issuer's path; RFC 8414 section 3.1 inserts before it, and servers
 * are found that append there, too.
 */
export function metadataUrls({ protocol, issuer = '', discoveryUrl }: Provider): string[] {
  if (discoveryUrl !== undefined) return [discoveryUrl];
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const openid = `${origin}${path}/.well-known/openid-configuration`;
  const oauth = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/oauth-authorization-server`,
  ];
  return [...new Set(protocol === 'oidc' ? [openid, ...oauth] : [...oauth, openid])];
}

export function textOf(metadata: Metadata, name: string): string | undefined {
  const value = metadata[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isOf(configured: string | undefined, metadata: Metadata): boolean {
  return configured === undefined || agreedIssuer(configured, textOf(metadata, 'issuer')) !== undefined;
}

/** No redirect is followed: the file names the server that this one trusts. */
function redirected(provider: Provider, url: string, { headers }: HttpAnswer): GatehouseError {
  const location = headers.get('location') ?? '';
  const target = URL.canParse(location, url) ? new URL(location, url) : undefined;
  const where = target ? `${target.origin}${target.pathname}`.slice(0, 300) : 'nowhere';
  const from = new URL(url);
  const hint = `${from.origin}${from.pathname} redirects to ${where}. Name the final address in issuer or discovery_url.`;
  return misconfigured(
    provider,
    'its metadata lies behind a redirect, which is not followed',
    new DiscoveryError(hint),
  );
}

export function pending(provider: Provider, cause?: unknown): GatehouseError {
  const detail = `${provider.name} could not be asked for its addresses yet. Try again in a moment.`;
  return new GatehouseError('discovery_pending', detail, { provider: provider.id, retryAfter: 3, cause });
}

export function misconfigured(provider: Provider, why: string, cause?: unknown): GatehouseError {
  return new GatehouseError(
    'provider_misconfigured',
    `${provider.name} cannot be used: ${why}. The administrator has to look at its provider file.`,
    { provider: provider.id, cause },
  );
}
