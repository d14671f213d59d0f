import type { Request, Response } from 'express';
import { allAtPointer } from '../../json-pointer.js';
import type { TokenSet } from '../../oauth/token-set.js';
import type { LiveConnection } from '../../connections/refresh/refreshed-connection.js';
import { traceHeaders } from '../../http/trace-context.js';
import { strictTransport } from '../../http/own-headers.js';
import type { Provider } from '../../providers/provider.js';
import type { ForwardCall } from '../../proxy/forward.js';
import type { Addresses } from '../../config/addresses.js';

type Prepared = Omit<ForwardCall, 'path' | 'authorization' | 'trace' | 'onAuthFailure' | 'extraResponseHeaders'>;
/** No member can be forgotten. */
type Whole<T> = { [Member in keyof Required<T>]: T[Member] };

/** What the forwarder has to know of a call. The parts that are the same for every call of a provider are made once. */
export function targetOf(addresses: Addresses, https: boolean, forwardTrace: boolean) {
  const transport = https ? ['Strict-Transport-Security', strictTransport] : [];
  const ours = (requestId: string, crossOrigin: readonly [string, string][]): string[] => {
    const headers = ['X-Request-Id', requestId, ...transport];
    for (const [name, value] of crossOrigin) headers.push(name, value);
    return headers;
  };
  const made = new WeakMap<Provider, Prepared>();

  const prepare = (provider: Provider): Prepared => {
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

  // Every member is named, also one that is absent: a copy by spreading costs more than the rest of this function.
  return (
    req: Request,
    res: Response,
    provider: Provider,
    connection: LiveConnection,
    path: string,
    crossOriginHeaders: readonly [string, string][],
    onAuthFailure: ForwardCall['onAuthFailure'],
  ): Whole<ForwardCall> => {
    const target: Prepared = made.get(provider) ?? prepare(provider);
    const { organizations } = provider;
    const { organization } = connection;
    const chosen = organizations && organization ? { ...organizations, id: organization.id } : undefined;
    return {
      providerId: target.providerId,
      baseUrl: target.baseUrl,
      publicPrefix: target.publicPrefix,
      headers: chosen ? [...target.headers, [chosen.header, chosen.id]] : target.headers,
      forwardRequestHeaders: target.forwardRequestHeaders,
      redirectHosts: target.redirectHosts,
      cache: target.cache,
      authFailureStatus: chosen ? [...target.authFailureStatus, ...chosen.refusalStatus] : target.authFailureStatus,
      path,
      trace: forwardTrace ? traceHeaders(req.headers, res.locals.traceparent) : noTrace,
      isAuthFailureBody: target.isAuthFailureBody,
      authorization: bearer(connection.tokens),
      extraResponseHeaders: ours(res.locals.requestId, crossOriginHeaders),
      onAuthFailure,
    };
  };
}

const noTrace: readonly string[] = [];

/** Put together once for each token: it may be long, and copying it is not for nothing. */
const bearers = new WeakMap<TokenSet, string>();

function bearer(tokens: TokenSet): string {
  let value = bearers.get(tokens);
  if (value === undefined) bearers.set(tokens, (value = `Bearer ${tokens.accessToken}`));
  return value;
}

/** Whether an answer's JSON holds one of the values that mean: this token is not good. */
export function bodyTest({
  pointer,
  values,
}: NonNullable<Provider['api']['authFailureBody']>): (body: Buffer) => boolean {
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
