import type { Response } from 'express';
import { allAtPointer } from '../oauth/json-pointer.js';
import type { LiveConnection } from '../connections/renewed-connection.js';
import { strictTransport } from '../own-headers.js';
import type { Provider } from '../providers/provider.js';
import type { ForwardCall } from '../proxy/forward.js';
import type { Addresses } from './addresses.js';

/** What the forwarder has to know of a call. The parts that are the same for every call of a provider are made once. */
export function targetOf(addresses: Addresses, https: boolean) {
  const transport: [string, string][] = https ? [['Strict-Transport-Security', strictTransport]] : [];
  const made = new WeakMap<Provider, Omit<ForwardCall, 'path' | 'authorization' | 'onAuthFailure'>>();

  const prepare = (provider: Provider) => {
    const { api } = provider;
    const target = {
      providerId: provider.id,
      baseUrl: api.baseUrl,
      publicPrefix: addresses.of(`/proxy/${provider.id}`),
      // A body that is looked at must come as it is.
      headers: Object.entries({ ...api.headers, ...(api.authFailureBody ? { 'Accept-Encoding': 'identity' } : {}) }),
      forwardRequestHeaders: new Set(api.forwardRequestHeaders.map((name) => name.toLowerCase())),
      redirectHosts: api.redirectHosts,
      cache: api.cache,
      authFailureStatus: api.authFailureStatus,
      ...(api.authFailureBody ? { isAuthFailureBody: bodyTest(api.authFailureBody) } : {}),
    };
    made.set(provider, target);
    return target;
  };

  return (
    res: Response,
    provider: Provider,
    connection: LiveConnection,
    path: string,
    crossOriginHeaders: readonly [string, string][],
  ): Omit<ForwardCall, 'onAuthFailure'> => {
    const target = made.get(provider) ?? prepare(provider);
    const { organizations } = provider;
    const { organization } = connection;
    return {
      ...target,
      ...(organizations && organization
        ? {
            headers: [...target.headers, [organizations.header, organization.id] as const],
            authFailureStatus: [...target.authFailureStatus, ...organizations.refusalStatus],
          }
        : {}),
      path,
      authorization: `Bearer ${connection.tokens.accessToken}`,
      extraResponseHeaders: [['X-Request-Id', res.locals.requestId], ...transport, ...crossOriginHeaders],
    };
  };
}

/** Whether an answer's JSON holds one of the values that mean: this token is not good. */
function bodyTest({ pointer, values }: NonNullable<Provider['api']['authFailureBody']>): (body: Buffer) => boolean {
  return (body) => {
    const text = body.toString('utf8');
    if (!values.some((value) => text.includes(value))) return false;
    try {
      return allAtPointer(JSON.parse(text), pointer).some((found) => values.some((value) => value === found));
    } catch {
      return false;
    }
  };
}
