import { compact } from '../compact.js';
import type { Provider } from '../providers/provider.js';

/**
 * What is known of an authorization server: its metadata (RFC 8414, OpenID Connect Discovery), or the same read from the
 * provider file.
 */
export interface AuthorizationServer {
  issuer?: string;
  authorizationEndpoint?: string;
  tokenEndpoint: string;
  /** Where refresh tokens go, if that is another address. */
  refreshEndpoint?: string;
  revocationEndpoint?: string;
  userinfoEndpoint?: string;
  jwksUri?: string;
  /** Where a person logs out there (OpenID Connect RP-Initiated Logout 1.0 section 2.1). */
  endSessionEndpoint?: string;
  /** RFC 9207: the authorization response always carries `iss`. */
  issParameterSupported: boolean;
}

/** The same server with the addresses of the provider file, which are those of one connection where the file has variables. */
export function withEndpoints(server: AuthorizationServer, { endpoints }: Provider): AuthorizationServer {
  const { authorization, token, refresh, revocation, userinfo, jwks } = endpoints;
  const own = compact({
    authorizationEndpoint: authorization,
    tokenEndpoint: token,
    refreshEndpoint: refresh,
    revocationEndpoint: revocation,
    userinfoEndpoint: userinfo,
    jwksUri: jwks,
  });
  return { ...server, ...own };
}
