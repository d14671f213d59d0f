import { createRemoteJWKSet, jwtVerify } from 'jose';
import type { JWTVerifyResult } from 'jose';
import type { MisbehavingServer } from './misbehaving.js';
import { createPlainClient } from './plain-client.js';
import type { Attempt, PlainClient } from './plain-client.js';
import { send } from './transport.js';
import type { Answer } from './answer.js';

export interface Tokens {
  access_token: string;
  refresh_token: string;
  id_token: string;
}

export interface PlainSignIn {
  redirectUri: string;
  client: PlainClient;
  authorize(changes?: Record<string, string | null>): Promise<{ attempt: Attempt; answer: Answer; code: string }>;
  tokens(): Promise<Tokens & { nonce: string }>;
  /** By jose, with the server's own key set (OpenID Connect Core section 3.1.3.7). */
  verify(idToken: string): Promise<JWTVerifyResult>;
}

/** Signs in at the misbehaving server without any application between. */
export function createPlainSignIn(server: MisbehavingServer): PlainSignIn {
  const redirectUri = 'http://localhost:1/connect/acme/callback';
  const endpoints = { authorization: `${server.base}/authorize`, token: `${server.base}/token` };
  const client = createPlainClient({ endpoints, redirectUri, ...server.options });

  async function authorize(
    changes?: Record<string, string | null>,
  ): Promise<{ attempt: Attempt; answer: Answer; code: string }> {
    const attempt = client.start(changes);
    const answer = await send({ method: 'GET', url: attempt.url, headers: {} });
    return { attempt, answer, code: answer.location?.searchParams.get('code') ?? '' };
  }

  return {
    redirectUri,
    client,
    authorize,
    async tokens() {
      const { attempt, code } = await authorize();
      return { ...((await client.exchange(code, attempt)).json as Tokens), nonce: attempt.nonce };
    },
    verify: (idToken) =>
      jwtVerify(idToken, createRemoteJWKSet(new URL(`${server.base}/jwks`)), {
        issuer: server.issuer,
        audience: server.options.clientId,
        algorithms: ['RS256'],
        requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
        currentDate: new Date(server.options.now()),
      }),
  };
}
