import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { ClientSecretPost, None, type ClientAuth } from 'openid-client';
import type { ClientCertificate, ClientKey, Provider } from '../providers/provider.js';
import type { AuthorizationServer } from './authorization-server.js';

/** How the client proves itself at the token endpoint (RFC 6749 section 2.3.1, RFC 7523, RFC 8705). */
export function clientAuthentication(
  provider: Provider,
  server: AuthorizationServer,
  key: ClientKey | undefined,
): ClientAuth {
  const { clientAuthentication: method, clientId, clientSecret = '' } = provider;
  switch (method) {
    case 'none':
    // RFC 8705 section 2: the request names the client, and the connection proves it.
    case 'tls':
      return None();
    case 'client_secret_post':
      return ClientSecretPost(clientSecret);
    case 'client_secret_basic':
      return basic(`${formEncode(clientId)}:${formEncode(clientSecret)}`);
    case 'client_secret_basic_raw':
      return basic(`${clientId}:${clientSecret}`);
    case 'secret_as_user':
      return basic(`${clientSecret}:`);
    case 'private_key_jwt':
      return byAssertion(clientId, () => assertion(provider, server, key));
  }
}

/** The library awaits it, as it does its own, though the type does not say so. */
function byAssertion(clientId: string, make: () => Promise<string>): ClientAuth {
  const prove = async (_server: unknown, _client: unknown, body: URLSearchParams): Promise<void> => {
    body.set('client_id', clientId);
    body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    body.set('client_assertion', await make());
  };
  // oxlint-disable-next-line typescript/no-misused-promises
  return prove;
}

/** How the client proves itself where tokens are revoked: as at the token endpoint, unless the file says otherwise. */
export function revokingAuthentication(
  provider: Provider,
  server: AuthorizationServer,
  key: ClientKey | undefined,
): ClientAuth {
  const { clientAuthentication: rule } = provider.revocation;
  if (rule === false) return () => undefined;
  if (rule === true) return clientAuthentication(provider, server, key);
  if (typeof rule === 'string') return clientAuthentication({ ...provider, clientAuthentication: rule }, server, key);
  return (_server, _client, _body, headers) =>
    headers.set('authorization', `${rule.scheme} ${provider.clientSecret ?? ''}`);
}

/** The certificate that the authorization server sees. */
export function serverCertificate({
  clientAuthentication: method,
  clientCertificate,
}: Provider): ClientCertificate | undefined {
  return method === 'tls' ? clientCertificate : undefined;
}

/** Seconds; long enough for two clocks, too short to be of use to anybody else. */
const assertionLife = 120;

/** RFC 7523 section 3. It is used once, for one audience, by the clock of this machine, as TLS certificates are. */
async function assertion(
  { clientId, clientAssertion }: Provider,
  { issuer, tokenEndpoint }: AuthorizationServer,
  key: ClientKey | undefined,
): Promise<string> {
  if (!key) throw new Error('no private key');
  const { issuer: iss = clientId, audience = issuer ?? tokenEndpoint } = clientAssertion;
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: key.algorithm, typ: 'JWT', ...(key.keyId === undefined ? {} : { kid: key.keyId }) })
    .setIssuer(iss)
    .setSubject(clientId)
    .setAudience(audience)
    .setIssuedAt(now)
    .setExpirationTime(now + assertionLife)
    .sign(key.key);
}

export interface ProvingKey {
  /** Absent where the client proves itself in another way. */
  key: ClientKey | undefined;
  isLast: boolean;
  /** The server took it: it is the first to be tried from here on. */
  accepted(): void;
}

/** By the first one of a provider's keys: which one the server took last. */
const taken = new WeakMap<ClientKey, ClientKey>();

/** The keys to try in turn: while keys are changed a server may know one of two, and refuses the client with the other. */
export function provingKeys({ clientKeys }: Provider): ProvingKey[] {
  const [first, second] = clientKeys;
  if (!first || !second) return [{ key: first, isLast: true, accepted: () => undefined }];
  const order = taken.get(first) === second ? [second, first] : [first, second];
  return order.map((key, at) => ({ key, isLast: at === 1, accepted: () => void taken.set(first, key) }));
}

function basic(userinfo: string): ClientAuth {
  return (_server, _client, _body, headers) =>
    headers.set('authorization', `Basic ${Buffer.from(userinfo, 'utf8').toString('base64')}`);
}

/**
 * application/x-www-form-urlencoded, which leaves `*-._` as they are: a server that decodes reads the same, and one that
 * forgets to decode still reads most secrets.
 */
function formEncode(value: string): string {
  return new URLSearchParams([['', value]]).toString().slice(1);
}
