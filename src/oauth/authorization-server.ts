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
  /** RFC 9207: the authorization response always carries `iss`. */
  issParameterSupported: boolean;
}
