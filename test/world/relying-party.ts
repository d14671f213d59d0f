import * as oidc from 'openid-client';
import { listen } from './listen.js';
import type { Listening } from './listen.js';
import { redirectReply, sendReply } from './reply.js';
import type { Reply } from './reply.js';

export interface RelyingParty extends Listening {
  /** What the last callback gave, or why it gave nothing. */
  result: oidc.TokenEndpointResponse | Error | undefined;
  refresh(refreshToken: string): Promise<oidc.TokenEndpointResponse>;
}

/** The library marks this as deprecated, so that nobody uses it away from a loopback interface. This is one. */
const library: { allowInsecureRequests: (configuration: oidc.Configuration) => void } = oidc;

/** A port is reserved first: the authorization server has to know the redirect URI before it starts. */
export interface RelyingPartyOptions {
  port: number;
  issuer: string;
  clientId: string;
  clientSecret: string;
}

/**
 * The least application with the paths of ours, made of openid-client alone: it shows that the journey and the
 * authorization servers of this world fit each other without any of our own code between them.
 */
export async function startRelyingParty({
  port,
  issuer,
  clientId,
  clientSecret,
}: RelyingPartyOptions): Promise<RelyingParty> {
  const configuration = await oidc.discovery(
    new URL(issuer),
    clientId,
    undefined,
    oidc.ClientSecretPost(clientSecret),
    {
      execute: [library.allowInsecureRequests],
    },
  );
  oidc.enableNonRepudiationChecks(configuration);
  const verifier = oidc.randomPKCECodeVerifier();
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];

  async function answer(url: URL): Promise<Reply> {
    if (url.pathname === '/connect/acme') {
      const parameters = {
        redirect_uri: `${party.origin}/connect/acme/callback`,
        scope: 'openid profile email offline_access',
        prompt: 'consent',
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      };
      return redirectReply(oidc.buildAuthorizationUrl(configuration, parameters).href);
    }
    if (url.pathname !== '/connect/acme/callback') return { status: 404 };
    party.result = await oidc
      .authorizationCodeGrant(configuration, url, {
        expectedNonce: nonce,
        expectedState: state,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      })
      .catch((error: unknown) => (error instanceof Error ? error : new Error('refused')));
    return redirectReply('/done', 303);
  }

  const listening = await listen((req, res) => {
    answer(new URL(req.url ?? '', party.origin))
      .then((reply) => sendReply(res, reply))
      .catch(() => res.destroy());
  }, port);
  const party: RelyingParty = {
    ...listening,
    result: undefined,
    refresh: (refreshToken) => oidc.refreshTokenGrant(configuration, refreshToken),
  };
  return party;
}
