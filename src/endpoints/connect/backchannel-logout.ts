import { createHash } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { parse } from 'node:querystring';
import { compact } from '../../compact.js';
import { GatehouseError } from '../../errors.js';
import type { BodyLimits, ReceiveBody } from '../../http/receive-body.js';
import { traceFields } from '../../log/audit-actor.js';
import { addressOf } from '../../middleware/body.js';
import { verifyLogoutToken, type LogoutToken } from '../../oauth/logout-token.js';
import { SignedClaimsError } from '../../oauth/signed-claims.js';
import type { Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import { endStoredSession } from '../../sessions/end-stored-session.js';
import { logoutTokenKey } from '../../store/keys.js';

type Dependencies = Services & { receiveBody: ReceiveBody };

const limits: BodyLimits = { maxBytes: 65_536, timeoutMs: 10_000 };

/**
 * POST /connect/:provider/backchannel-logout — a person logged out at the provider where they had signed in: their sessions here
 * end, their connections stay (OpenID Connect Back-Channel Logout 1.0). The provider's signature is the only credential, so that
 * no cookie, session or X-CSRF takes part.
 */
export function backchannelLogout(services: Dependencies): RequestHandler<{ provider: string }> {
  const { configuration, registry, log } = services;
  return async (req, res) => {
    if (!configuration.ownership) throw new GatehouseError('not_found', 'Connections do not belong to people here.');
    const provider = signInProvider(registry.get(req.params.provider));
    const trace = traceFields(res.locals);
    try {
      const token = await readLogoutToken(services, req as Request, provider);
      const ended = await endSessions(services, token, res.locals);
      log.info('backchannel_logout.done', { provider: provider.id, sessions: ended, ...trace });
      res.status(200).end();
    } catch (error) {
      const why = refusalOf(error);
      if (why === undefined) throw error;
      log.info('backchannel_logout.refused', { provider: provider.id, code: why, ...trace });
      if (!req.complete) res.setHeader('Connection', 'close');
      // Section 2.8.
      res.status(400).json({ error: 'invalid_request', error_description: `The logout token was refused: ${why}` });
    }
  };
}

function signInProvider(provider: Provider | undefined): Provider {
  if (!provider) throw new GatehouseError('unknown_provider', 'No provider of this name is available here.');
  if (provider.protocol !== 'oidc' || provider.grant !== 'authorization_code')
    throw new GatehouseError('not_found', 'Nobody signs in with this provider.', provider.id);
  return provider;
}

/** Section 2.5: one form parameter. Throws SignedClaimsError and GatehouseError. */
async function readLogoutToken(services: Dependencies, req: Request, provider: Provider): Promise<LogoutToken> {
  const { receiveBody, directory, keys, store, now } = services;
  const [type = ''] = (req.get('content-type') ?? '').toLowerCase().split(';');
  if (type.trim() !== 'application/x-www-form-urlencoded') throw new SignedClaimsError('content_type');
  const { logout_token: text } = parse((await receiveBody(req, addressOf(req), limits)).toString('utf8'));
  if (typeof text !== 'string' || text === '') throw new SignedClaimsError('logout_token');
  const server = await directory.get(provider);
  const token = await verifyLogoutToken(text, keys, { provider, server, now: now() });
  if (await store.get(takenKey(token))) throw new SignedClaimsError('jti_taken');
  return token;
}

/** Ends the sessions first, and remembers the token then: what a failing store left undone, its repetition does. */
async function endSessions(
  services: Dependencies,
  token: LogoutToken,
  trace: { requestId: string; traceparent: string },
): Promise<number> {
  const { signedIn, store } = services;
  const { iss: issuer, sub: subject, sid } = token;
  const browsers = await signedIn.loggedOut({ issuer, ...compact({ subject, sid }) });
  await Promise.all(browsers.map((slot) => endStoredSession(services, { slot, trace })));
  const key = takenKey(token);
  await store.commit([], [{ key, value: Buffer.from('1'), ttlMs: Math.max(1, token.repeatableMs) }]);
  return browsers.length;
}

function takenKey({ iss, jti }: LogoutToken): string {
  const text = JSON.stringify([iss, jti]);
  return logoutTokenKey(createHash('sha256').update(text).digest('base64url'));
}

/** Which rule the request broke; undefined where something else than the request is wrong. */
function refusalOf(error: unknown): string | undefined {
  if (error instanceof SignedClaimsError) {
    if (error.check === 'keys_unavailable')
      throw new GatehouseError(
        'discovery_pending',
        'The keys of the provider cannot be read. Send it again in a moment.',
        {
          retryAfter: 3,
          cause: error,
        },
      );
    return error.check;
  }
  const isOfRequest = error instanceof GatehouseError && error.status < 500 && error.code !== 'rate_limited';
  return isOfRequest ? error.code : undefined;
}
