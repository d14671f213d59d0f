export interface OtherServerOptions {
  /** The one redirect URI of the client. */
  redirectUri: string;
  clientId: string;
  clientSecret: string;
}

/** An authorization server that this project did not write, with `GET /api/me` behind it. */
export interface OtherServer {
  /** What its provider file says besides the id. */
  file: Record<string, unknown>;
  /** How the account is called once `jo` has signed in; null where the server tells nobody's name. */
  label: string | null;
  close(): Promise<void>;
}
