import type { AuthorizationBend } from './authorization-response.js';
import type { EndpointBend } from './discovery.js';
import type { Grants } from './grants.js';
import type { IdTokenBend } from './id-token.js';
import type { SigningKeys } from './keys.js';
import type { TokenBend, TokenCall } from './token-answer.js';

export type Endpoint = 'authorization' | 'token' | 'jwks' | 'userinfo' | 'revocation' | 'discovery';

/** What is wrong, part by part; an absent part is right. Tests change it at any time. */
export interface Bends {
  discovery?: EndpointBend;
  jwks?: EndpointBend;
  userinfo?: EndpointBend;
  revocation?: EndpointBend;
  authorization?: AuthorizationBend;
  token?: TokenBend | TokenBend[];
  idToken?: IdTokenBend;
  /** The answer has no ID token although openid was asked for. */
  withoutIdToken?: boolean;
}

export interface MisbehavingOptions {
  clientId?: string;
  clientSecret?: string;
  /** Path of the issuer, such as `/tenant/a`; none when absent. */
  issuerPath?: string;
  /** Sends `iss` with the authorization response and says so in the metadata (RFC 9207). */
  issParameter?: boolean;
  /** A refresh token is spent by its use; true when absent. */
  rotation?: boolean;
  /** True when absent. */
  reuseDetection?: boolean;
  /** Seconds; 3600 when absent. */
  accessTokenLifetime?: number;
  /** What revoking one token ends: `token` (and what descends from it) when absent. */
  revocationEnds?: 'token' | 'grant';
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** The server's whole state, which its endpoints share. */
export interface ServerState {
  options: Required<MisbehavingOptions>;
  issuer: string;
  base: string;
  keys: SigningKeys;
  grants: Grants;
  bend: Bends;
  /** Who signs in. */
  person: { sub: string; email: string; name: string };
  calls: Record<Endpoint, number>;
  /** Every authorization request, oldest first. */
  authorizationRequests: URLSearchParams[];
  tokenCalls: TokenCall[];
  revocations: URLSearchParams[];
  /** Seconds since the epoch. */
  seconds(): number;
}
