import type { Request, Response } from 'express';
import type { Addresses } from '../../config/addresses.js';
import type { Configuration } from '../../config/configuration.js';
import type { SignInOffer } from '../../middleware/error-handler.js';
import { isCrossSiteNavigation } from '../../middleware/navigation.js';
import type { ProviderRegistry } from '../../providers/registry.js';
import type { Nonces } from '../../sessions/owners/nonces.js';

interface Dependencies {
  configuration: Configuration;
  registry: ProviderRegistry;
  addresses: Addresses;
  nonces: Nonces;
}

/**
 * What to offer in answer to a request that needs an owner. The way back is the same connect with the same parameters, else the
 * home page. An answer to a request of another site sets no cookie, and so has no nonce: that page leads home first.
 */
export function signInOffer(
  { configuration, registry, addresses, nonces }: Dependencies,
  req: Request,
  res: Response,
): SignInOffer | undefined {
  const { ownership, publicUrl, allowedOrigins } = configuration;
  if (!ownership) return undefined;
  const isConnect = req.method === 'GET' && /^\/connect\/[a-z][a-z0-9-]{0,31}$/.test(req.path);
  const returnTo = isConnect ? `${publicUrl.origin}${configuration.basePath}${req.url}` : addresses.home;
  const { signInUrl } = ownership;
  let applicationUrl: string | null = null;
  if (signInUrl && !isCrossSiteNavigation(req, publicUrl.origin, allowedOrigins)) {
    const { nonce, setCookie } = nonces.make(req.headers.cookie);
    if (setCookie !== undefined) res.append('Set-Cookie', setCookie);
    const url = new URL(signInUrl);
    url.searchParams.set('return_to', returnTo);
    url.searchParams.set('nonce', nonce);
    applicationUrl = url.href;
  }
  const back = isConnect ? `?${new URLSearchParams({ return_to: returnTo }).toString()}` : '';
  const providers = ownership.signInWith.flatMap((id) => {
    const provider = registry.get(id);
    return provider ? [{ id, name: provider.name, connect_url: `${addresses.of(`/connect/${id}`)}${back}` }] : [];
  });
  return { application_url: applicationUrl, providers };
}
