export interface OtherServerOptions {
  /** The one redirect URI of the client. */
  redirectUri: string;
  clientId: string;
  clientSecret: string;
}

/** An authorization server that this project did not write, with a call behind it that tells whose token it is. */
export interface OtherServer {
  /** What its provider file says besides the id. */
  file: Record<string, unknown>;
  /** How the account is called once `jo` has signed in; null where the server tells nobody's name. */
  label: string | null;
  /** The call below the API's base, and what its answer holds for `jo`. */
  me: { path: string; answer: Record<string, unknown> };
  /** The client, where the server chose it. */
  client?: { clientId: string; clientSecret: string };
  close(): Promise<void>;
}
