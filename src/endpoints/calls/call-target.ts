import { allAtPointer } from '../../json-pointer.js';
import type { LiveConnection } from '../../connections/refresh/refreshed-connection.js';
import type { Provider } from '../../providers/provider.js';
import { judgedGraphql } from '../../proxy/judged-graphql.js';
import type { ForwardCall } from '../../proxy/forward.js';
import type { OwnParameter } from '../../http/query-parameters.js';
import type { Addresses } from '../../config/addresses.js';

/** What is the same for every call of a connection. */
export type CallTarget = Pick<
  ForwardCall,
  | 'providerId'
  | 'baseUrl'
  | 'publicPrefix'
  | 'headers'
  | 'forwardRequestHeaders'
  | 'redirectHosts'
  | 'cache'
  | 'timeoutMs'
  | 'maxBodyBytes'
  | 'authFailureStatus'
  | 'isAuthFailureBody'
  | 'authorization'
  | 'tokenHeader'
  | 'tokenParameter'
  | 'certificate'
  | 'judgeBody'
> & {
  /** Parameters of the query that a caller does not choose. */
  parameters: readonly OwnParameter[];
  /** The path of the base URL, where it is the connection's own: it stands for the provider's. */
  basePath: string | undefined;
};

/** Puts together what the forwarder has to know of a provider and of one of its connections. */
export function createTargets(
  addresses: Addresses,
): (provider: Provider, connection: LiveConnection, key: string) => CallTarget {
  const made = new WeakMap<Provider, Omit<CallTarget, 'authorization' | 'publicPrefix'>>();

  const ofProvider = (provider: Provider): Omit<CallTarget, 'authorization' | 'publicPrefix'> => {
    const { api } = provider;
    const { graphql } = api;
    const target: Omit<CallTarget, 'authorization' | 'publicPrefix'> = {
      providerId: provider.id,
      baseUrl: api.baseUrl,
      // A body that is looked at must come as it is.
      headers: Object.entries({ ...api.headers, ...(api.authFailureBody ? { 'Accept-Encoding': 'identity' } : {}) }),
      forwardRequestHeaders: new Set(api.forwardRequestHeaders.map((name) => name.toLowerCase())),
      redirectHosts: api.redirectHosts,
      cache: api.cache,
      timeoutMs: api.timeoutMs,
      maxBodyBytes: api.maxBodyBytes,
      authFailureStatus: api.authFailureStatus,
      isAuthFailureBody: api.authFailureBody && bodyTest(api.authFailureBody),
      tokenHeader: 'header' in api.token ? api.token.header : null,
      tokenParameter: 'parameter' in api.token ? api.token.parameter : undefined,
      judgeBody: graphql && ((body, headers) => judgedGraphql(body, headers, graphql, provider.id)),
      certificate: api.certificate ? provider.clientCertificate : undefined,
      parameters: [],
      basePath: provider.unfilled && api.baseUrl.pathname,
    };
    made.set(provider, target);
    return target;
  };

  return (provider, { organization, tokens }, key) => {
    const target = { ...(made.get(provider) ?? ofProvider(provider)), publicPrefix: addresses.of(`/proxy/${key}`) };
    const { organizations } = provider;
    const authorization = authorizationOf(provider, tokens.accessToken);
    if (!organizations || !organization) return { ...target, authorization };
    const { header, parameter } = organizations;
    return {
      ...target,
      headers: header === undefined ? target.headers : [...target.headers, [header, organization.id]],
      parameters: parameter === undefined ? [] : [[parameter, organization.id]],
      authFailureStatus: [...target.authFailureStatus, ...organizations.refusalStatus],
      authorization,
    };
  };
}

/** What a call carries for its token. */
export function authorizationOf({ api }: Provider, accessToken: string): string {
  return 'header' in api.token ? api.token.value(accessToken) : accessToken;
}

/** Whether a response's JSON holds one of the values that mean: this token is not good. */
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
