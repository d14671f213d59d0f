import { randomBytes } from 'node:crypto';
import { challengeOf } from './misbehaving/grants.js';
import { send } from './transport.js';
import type { Answer } from './answer.js';

export interface Endpoints {
  authorization: string;
  token: string;
}

export interface PlainClientOptions {
  endpoints: Endpoints;
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  scope?: string;
}

export interface Attempt {
  url: URL;
  state: string;
  nonce: string;
  verifier: string;
}

export interface PlainClient {
  /** A new authorization request; `changes` lays over its parameters, null removes one. */
  start(changes?: Record<string, string | null>): Attempt;
  token(parameters: Record<string, string>): Promise<Answer>;
  exchange(code: string, attempt: Pick<Attempt, 'verifier'>): Promise<Answer>;
  refresh(refreshToken: string): Promise<Answer>;
}

const random = () => randomBytes(32).toString('base64url');

/** A client that checks nothing: the tests use it to see what an authorization server really does. */
export function createPlainClient(options: PlainClientOptions): PlainClient {
  const { endpoints, clientId, clientSecret, redirectUri, scope = 'openid' } = options;

  function token(parameters: Record<string, string>): Promise<Answer> {
    return send({
      method: 'POST',
      url: new URL(endpoints.token),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...parameters }).toString(),
    });
  }

  return {
    token,
    start(changes = {}) {
      const [state, nonce, verifier] = [random(), random(), random()];
      const url = new URL(endpoints.authorization);
      const parameters: Record<string, string | null> = {
        response_type: 'code',
        client_id: clientId,
        redirect_uri: redirectUri,
        scope,
        state,
        nonce,
        code_challenge: challengeOf(verifier),
        code_challenge_method: 'S256',
        ...changes,
      };
      for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, value);
      return { url, state, nonce, verifier };
    },
    exchange: (code, { verifier }) =>
      token({ grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }),
    refresh: (refreshToken) => token({ grant_type: 'refresh_token', refresh_token: refreshToken }),
  };
}
