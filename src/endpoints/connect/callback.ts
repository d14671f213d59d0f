import { createHash } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { compact } from '../../compact.js';
import type { PendingAuthorization, TakenAttempt } from '../../connections/attempts.js';
import { livingAt } from '../../connections/held-connections.js';
import { newConnection } from '../../connections/new-connection.js';
import { isTokenEndpointOf, originDifference } from '../../connections/origin.js';
import { GatehouseError } from '../../errors.js';
import { faultPoint } from '../../fault-points.js';
import { describeError } from '../../log/log.js';
import { toGatehouseError } from '../../middleware/error-handler.js';
import { readAuthorizationResponse, type AuthorizationResponse } from '../../oauth/authorization-response.js';
import { withEndpoints, type AuthorizationServer } from '../../oauth/authorization-server.js';
import { callbackValues } from '../../oauth/callback-values.js';
import { refusalReport } from '../../oauth/refusal-report.js';
import { checkedParameters } from '../../oauth/response-parameters.js';
import { redeemCode, type Redeemed } from '../../oauth/redeem.js';
import type { Provider } from '../../providers/provider.js';
import { withValues } from '../../providers/variables/with-values.js';
import { formatSessionId } from '../../sessions/session-id.js';
import { redirect } from '../../http/redirect.js';
import { earlierConnections } from './earlier-connections.js';
import { clearAttemptCookies, sendEndedAttempt } from './attempt-cookies.js';
import { answerReload, whatIsTrue } from './answer-reload.js';
import type { SignIn } from './sign-in.js';
import { knownDestination, signedInDestination } from './find-destination.js';
import { storeConnection } from './store-connection.js';
import { findAttempt } from './find-attempt.js';
import { connectableProvider } from '../request/offered-provider.js';
import { wayBack } from './ask-organization.js';
import { markArrival } from './mark-arrival.js';
import { sendPopupOutcome } from './popup.js';
import { queryParameters, single } from '../request/parameters.js';
import { withOutcome } from '../request/return-to.js';

/**
 * GET /connect/:provider/callback — the way back from the provider. What comes before `take` costs nothing and is refused
 * with 400; from there on the attempt is known and used up, and every outcome is a redirect to where the person came from.
 */
export function callback(services: SignIn['services']): RequestHandler {
  const { registry, pending, inFlight } = services;
  return async (req, res) => {
    const provider = connectableProvider(registry, req.params['provider']);
    const response = checkedParameters(singleValues(req), provider);
    const attempt = await findAttempt(services, req, provider, response);
    if (attempt === 'ended') {
      redirect(res, 303, await whatIsTrue(services, req, provider));
      return;
    }
    const taken: TakenAttempt = { browserId: attempt.browserId, answer: fingerprint(response) };
    const work = attempt.stored.pending.taken ? undefined : await pending.take(attempt.stored, taken);
    if (!work) {
      redirect(res, 303, await answerReload(services, req, provider, attempt, response, taken.answer));
      return;
    }
    faultPoint('connect.taken');
    const filled = withValues(provider, attempt.stored.pending.variables);
    const signIn = { services, req, res, provider: filled, attempt, taken, work };
    const location = await inFlight.add(finish(signIn, response).finally(() => void work.release()));
    markArrival(services, res, provider.id, location);
    redirect(res, 303, location);
  };
}

/** Spends the code and stores what it brings. Returns where the person goes, whatever the outcome. */
async function finish(signIn: SignIn, response: AuthorizationResponse): Promise<string> {
  const { services, req, res, attempt, taken } = signIn;
  const { pending, cookies, now } = services;
  try {
    const { location: back, id } = await connect(signIn, response);
    sendPopupOutcome(services, req, res, back);
    const location = await overQuestions(signIn, back);
    const undelivered = id && res.destroyed ? formatSessionId(id) : undefined;
    const finished = compact({ location, at: now(), undelivered });
    // The connection is stored: that a reload cannot be answered is no reason to say otherwise.
    await pending.finish(attempt.stored, { ...taken, finished }).catch(() => undefined);
    if (!isKnownByState(signIn)) sendEndedAttempt(res, cookies, attempt.presented);
    return location;
  } catch (thrown) {
    const error = logFailure(signIn, thrown);
    if (attempt.current && !isKnownByState(signIn)) sendEndedAttempt(res, cookies, attempt.presented);
    else clearAttemptCookies(res, cookies, [attempt.presented]);
    await pending.forget([attempt.stored.reference]).catch(() => undefined);
    const outcome = { connect_error: error.code, request_id: res.locals.requestId };
    const location = withOutcome(attempt.stored.pending.returnTo, outcome);
    sendPopupOutcome(services, req, res, location);
    return location;
  }
}

/** Over what a person is asked once: which earlier connections are theirs, and for which organization calls are made. */
async function overQuestions({ services, req, provider, attempt }: SignIn, back: string): Promise<string> {
  const location = await wayBack(services, req, provider, back);
  if (!attempt.stored.pending.signIn || !(await earlierConnections(services, req))) return location;
  return `${services.addresses.of('/session/keep')}?${new URLSearchParams({ return_to: location }).toString()}`;
}

/** Whether the session will know this callback by its state when nothing else is left: see state.ts. */
function isKnownByState({ provider, attempt: { stored, browserId } }: SignIn): boolean {
  return provider.authorization.state === 'required' && stored.reference.browserId === browserId;
}

async function connect(signIn: SignIn, response: AuthorizationResponse) {
  const { services, provider, attempt } = signIn;
  const { pending, directory, revoker, addresses, now } = services;
  const { stored, browserId, others } = attempt;
  const alongside = others.filter(({ pending: { session } }) => session === null || session === browserId);
  await Promise.all(alongside.map((other) => pending.assign(other, browserId)));
  const server = await directory.get(provider);
  const code = readAuthorizationResponse(response, server, provider);
  const { secrets } = stored.pending;
  const variables = callbackValues(provider, response, stored.pending.variables);
  const redemption = { code, redirectUri: addresses.redirectUri(provider.id), secrets, variables };
  const destination = await knownDestination(signIn);
  let living = destination ? livingAt(await destination.held(), provider) : [];
  const discard = async (tokens: Redeemed['tokens']): Promise<void> => {
    await revoker.release(whole, { tokens }, living);
  };
  refuseIfMadeElsewhere(provider, server, stored.pending);
  const whole = withValues(provider, variables);
  const known = provider.variables ? withEndpoints(server, whole) : server;
  const redeemed = await redeemCode({ ...services, discard }, whole, known, redemption);
  faultPoint('connect.redeemed');
  const connection = newConnection(whole, known, redeemed, now());
  const store = async () => {
    const to = destination ?? (await signedInDestination(signIn, redeemed));
    living = livingAt(await to.held(), provider);
    return storeConnection(signIn, to, connection);
  };
  const done = await store().catch(async (error: unknown) => {
    await discard(redeemed.tokens);
    throw error;
  });
  faultPoint('connect.saved');
  return done;
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

function logFailure({ services: { log }, res, provider, attempt }: SignIn, thrown: unknown) {
  const error = toGatehouseError(thrown);
  const level = error.status >= 500 ? 'error' : 'info';
  const cause = error.cause === undefined ? {} : describeError(error.cause);
  const report = refusalReport(provider, error.cause);
  const actor = { slot: attempt.browserId, owner: attempt.stored.pending.owner, trace: res.locals };
  log.audit('connect.failed', actor, { provider: provider.id, code: error.code, ...cause, ...report }, level);
  return error;
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
