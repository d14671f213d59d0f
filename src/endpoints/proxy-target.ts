import type { Response } from 'express';
import type { LiveConnection } from '../connections/renewed-connection.js';
import type { Provider } from '../providers/provider.js';
import type { ForwardCall } from '../proxy/forward.js';
import type { Addresses } from './addresses.js';

/** What the forwarder has to know of a call. The parts that are the same for every call of a provider are made once. */
export function targetOf(addresses: Addresses) {
  const made = new WeakMap<Provider, Omit<ForwardCall, 'path' | 'authorization' | 'onAuthFailure'>>();

  const prepare = (provider: Provider) => {
    const { api } = provider;
    const target = {
      providerId: provider.id,
      baseUrl: api.baseUrl,
      publicPrefix: addresses.of(`/proxy/${provider.id}`),
      headers: Object.entries(api.headers),
      forwardRequestHeaders: new Set(api.forwardRequestHeaders.map((name) => name.toLowerCase())),
      redirectHosts: api.redirectHosts,
      cache: api.cache,
      authFailureStatus: api.authFailureStatus,
    };
    made.set(provider, target);
    return target;
  };

  // Every member is named: a copy by spreading costs more than the rest of this function.
  return (
    res: Response,
    provider: Provider,
    connection: LiveConnection,
    path: string,
    crossOriginHeaders: readonly [string, string][],
    onAuthFailure: ForwardCall['onAuthFailure'],
  ): ForwardCall => {
    const target = made.get(provider) ?? prepare(provider);
    const { organizations } = provider;
    const { organization } = connection;
    const header = organizations && organization ? ([organizations.header, organization.id] as const) : undefined;
    return {
      providerId: target.providerId,
      baseUrl: target.baseUrl,
      publicPrefix: target.publicPrefix,
      headers: header ? [...target.headers, header] : target.headers,
      forwardRequestHeaders: target.forwardRequestHeaders,
      redirectHosts: target.redirectHosts,
      cache: target.cache,
      authFailureStatus: target.authFailureStatus,
      path,
      authorization: `Bearer ${connection.tokens.accessToken}`,
      extraResponseHeaders: [['X-Request-Id', res.locals.requestId], ...crossOriginHeaders],
      onAuthFailure,
    };
  };
}
