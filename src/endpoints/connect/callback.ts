import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { PendingAuthorization, TakenAttempt } from '../../connections/attempts.js';
import { newConnection } from '../../connections/new-connection.js';
import { isTokenEndpointOf, originDifference } from '../../connections/origin.js';
import { GatehouseError } from '../../errors.js';
import { faultPoint } from '../../fault-points.js';
import { describeError } from '../../log/log.js';
import { toGatehouseError } from '../../middleware/error-handler.js';
import { readAuthorizationResponse, type AuthorizationResponse } from '../../oauth/authorization-response.js';
import type { AuthorizationServer } from '../../oauth/authorization-server.js';
import { refusalReport } from '../../oauth/refusal-report.js';
import { redeemCode, type Redeemed } from '../../oauth/redeem.js';
import type { Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import { formatSessionId } from '../../sessions/session-id.js';
import { redirect } from '../request/redirect.js';
import type { Addresses } from '../../config/addresses.js';
import { clearAttemptCookie } from './attempt-cookies.js';
import { answerReload } from './answer-reload.js';
import { storeConnection } from './store-connection.js';
import { findAttempt, type KnownAttempt } from './find-attempt.js';
import { connectableProvider } from '../request/offered-provider.js';
import { wayBack } from './ask-organization.js';
import { markArrival } from './mark-arrival.js';
import { queryParameters, single } from '../request/parameters.js';
import { withOutcome } from '../request/return-to.js';

type Dependencies = Services & { addresses: Addresses };

/**
 * GET /connect/:provider/callback — the way back from the provider. What comes before `take` costs nothing and answers 400;
 * from there on the attempt is known and used up, and every outcome is a redirect to where the person came from.
 */
export function callback(services: Dependencies): RequestHandler {
  const { registry, pending, inFlight } = services;
  return async (req, res) => {
    const provider = connectableProvider(registry, req.params['provider']);
    const response = singleValues(req);
    const attempt = await findAttempt(services, req, provider, response);
    const taken: TakenAttempt = { browserId: attempt.browserId, answer: fingerprint(response) };
    const work = attempt.stored.pending.taken ? undefined : await pending.take(attempt.stored, taken);
    if (!work) {
      redirect(res, 303, await answerReload(services, req, provider, attempt, taken.answer));
      return;
    }
    faultPoint('connect.taken');
    const finished = finish(services, req, res, provider, attempt, taken, response).finally(() => void work.release());
    const location = await inFlight.add(finished);
    markArrival(services, res, provider.id, location);
    redirect(res, 303, location);
  };
}

async function finish(
  services: Dependencies,
  req: Request,
  res: Response,
  provider: Provider,
  attempt: KnownAttempt,
  taken: TakenAttempt,
  response: AuthorizationResponse,
): Promise<string> {
  const { pending, cookies, log, now } = services;
  const { stored, browserId } = attempt;
  try {
    for (const other of attempt.others)
      if (other.pending.session === null || other.pending.session === browserId) await pending.assign(other, browserId);
    const server = await services.directory.get(provider);
    const code = readAuthorizationResponse(response, server, provider);
    const existing = (await services.connections.read(browserId, provider.id))?.connection;
    const redemption = {
      code,
      redirectUri: services.addresses.redirectUri(provider.id),
      secrets: stored.pending.secrets,
    };
    const discard = async (tokens: Redeemed['tokens']): Promise<void> => {
      await services.revoker.release(provider, { tokens }, existing);
    };
    refuseIfMadeElsewhere(provider, server, stored.pending);
    const redeemed = await redeemCode({ ...services, discard }, provider, server, redemption);
    faultPoint('connect.redeemed');
    const connection = newConnection(provider, server, redeemed, services.now());
    const { location: back, id } = await storeConnection(
      services,
      req,
      provider,
      attempt,
      taken,
      connection,
      existing,
    ).catch(async (error: unknown) => {
      await discard(redeemed.tokens);
      throw error;
    });
    faultPoint('connect.saved');
    const location = await wayBack(services, req, provider, back);
    const undelivered = id && res.destroyed ? { undelivered: formatSessionId(id) } : {};
    // The connection is stored: that a reload cannot be answered is no reason to say otherwise.
    await pending
      .finish(stored, { ...taken, finished: { location, at: now(), ...undelivered } })
      .catch(() => undefined);
    return location;
  } catch (thrown) {
    const error = toGatehouseError(thrown);
    const level = error.status >= 500 ? 'error' : 'info';
    const cause = error.cause === undefined ? {} : describeError(error.cause);
    const report = refusalReport(provider, error.cause);
    const actor = { slot: browserId, owner: stored.pending.owner, trace: res.locals };
    log.audit('connect.failed', actor, { provider: provider.id, code: error.code, ...cause, ...report }, level);
    clearAttemptCookie(res, cookies, attempt.cookieName);
    await pending.forget([stored.reference]).catch(() => undefined);
    return withOutcome(stored.pending.returnTo, { connect_error: error.code, request_id: res.locals.requestId });
  }
}

/** The code is not sent to another server, nor by another client, than those that the person was sent away with. */
function refuseIfMadeElsewhere(
  provider: Provider,
  server: AuthorizationServer,
  { madeFor }: PendingAuthorization,
): void {
  if (!madeFor || (originDifference(provider, madeFor) === undefined && isTokenEndpointOf(server, madeFor))) return;
  throw new GatehouseError(
    'state_unknown',
    `The settings of ${provider.name} were changed while the sign-in was under way. Start again.`,
    provider.id,
  );
}

/** Only the browser that was sent here knows the code: a reload has the same one. */
function fingerprint({ code = '' }: AuthorizationResponse): string {
  return createHash('sha256').update(code).digest('base64url');
}

/** No parameter may come twice (RFC 6749 section 3.1); which of the two was meant cannot be known. */
function singleValues(req: Request): AuthorizationResponse {
  const parameters = queryParameters(req);
  return Object.fromEntries([...parameters.keys()].map((name) => [name, single(parameters, name)] as const));
}
