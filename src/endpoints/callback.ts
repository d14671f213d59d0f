import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Request, RequestHandler, Response } from 'express';
import type { Candidate } from '../connections/candidates.js';
import { mayShareGrant, type Connection } from '../connections/connection.js';
import { hintFor } from '../connections/refresh-failure.js';
import { afterlife, type TakenAttempt } from '../connections/pending-authorizations.js';
import { faultPoint } from '../fault-points.js';
import { GatehouseError } from '../errors.js';
import { describeError } from '../log.js';
import { toGatehouseError } from '../middleware/error-handler.js';
import { adoptSession } from '../middleware/session.js';
import { TokenEndpointError } from '../oauth/token-response.js';
import {
  AuthorizationError,
  readAuthorizationResponse,
  type AuthorizationResponse,
} from '../oauth/authorization-response.js';
import { redeemCode, type Redeemed } from '../oauth/redeem.js';
import type { Provider } from '../providers/provider.js';
import type { Services } from '../services.js';
import { formatSessionId, parseSessionId, type SessionId } from '../sessions/session-id.js';
import { connectionKey, pauseKey } from '../store/keys.js';
import type { Write } from '../store/store.js';
import { redirect } from './redirect.js';
import type { Addresses } from './addresses.js';
import { clearAttemptCookie } from './attempt-cookies.js';
import { establish } from './establish.js';
import { findAttempt, type KnownAttempt } from './known-attempt.js';
import { connectableProvider } from './offered-provider.js';
import { queryParameters, single } from './parameters.js';
import { withOutcome } from './return-to.js';

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
    const taken: TakenAttempt = { joins: attempt.joins, answer: fingerprint(response) };
    const work = attempt.stored.pending.taken ? undefined : await pending.take(attempt.stored, taken);
    if (!work) {
      redirect(res, 303, await finishedElsewhere(services, req, provider, attempt, taken.answer));
      return;
    }
    faultPoint('connect.taken');
    const finished = finish(services, req, res, provider, attempt, taken, response).finally(() => void work.release());
    redirect(res, 303, await inFlight.add(finished));
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
  const { stored, joins } = attempt;
  try {
    for (const other of attempt.others)
      if (other.pending.session === null || other.pending.session === joins) await pending.carry(other, joins);
    const server = await services.directory.get(provider);
    const code = readAuthorizationResponse(response, server, provider);
    const existing = (await services.connections.read(joins, provider.id))?.connection;
    const redemption = {
      code,
      redirectUri: services.addresses.redirectUri(provider.id),
      secrets: stored.pending.secrets,
    };
    const discard = (tokens: Redeemed['tokens']) =>
      services.revoker.dropLate(provider, tokens, { newerConnection: existing !== undefined });
    const { tokens, account } = await redeemCode({ ...services, discard }, provider, server, redemption);
    faultPoint('connect.redeemed');
    const connection = newConnection(provider, tokens, account, existing, services.now());
    const { location, id } = await keep(services, req, provider, attempt, taken, connection, existing).catch(
      async (error: unknown) => {
        await discard(tokens);
        throw error;
      },
    );
    faultPoint('connect.saved');
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
    const hint = refusalHint(provider, error.cause);
    const actor = { tag: joins, owner: stored.pending.owner, trace: res.locals };
    log.audit('connect.failed', actor, { provider: provider.id, code: error.code, ...cause, ...hint }, level);
    clearAttemptCookie(res, cookies, attempt.cookieName);
    await pending.forget([stored.reference]).catch(() => undefined);
    return withOutcome(stored.pending.returnTo, { connect_error: error.code, request_id: res.locals.requestId });
  }
}

/** What the operator should look at, where the provider's refusal has a usual cause. */
function refusalHint(provider: Provider, cause: unknown): { hint?: string } {
  const refused = cause instanceof TokenEndpointError || cause instanceof AuthorizationError;
  return refused ? hintFor(provider, cause.code) : {};
}

/** Stores the connection, or puts it up for the person's confirmation. Answers where the person goes next, with which session id. */
async function keep(
  services: Dependencies,
  req: Request,
  provider: Provider,
  attempt: KnownAttempt,
  taken: TakenAttempt,
  connection: Connection,
  existing: Connection | undefined,
): Promise<{ location: string; id: SessionId | undefined }> {
  const { connections, candidates, addresses, pending, log, now } = services;
  const { joins, stored } = attempt;
  /** In the same step, so that a process that dies before its answer leaves a reload that brings the session. */
  const finished = (location: string, next: SessionId | undefined): Write[] => {
    if (next === undefined || stored.reference.tag !== joins) return [];
    const undelivered = formatSessionId(next);
    return [pending.finishing(stored, { ...taken, finished: { location, at: now(), undelivered } })];
  };
  const { returnTo } = stored.pending;
  const known = existing?.account.subject;
  const another =
    known !== undefined && connection.account.subject !== undefined && known !== connection.account.subject;
  if (provider.confirm === 'always' || another) {
    const candidate: Candidate = { connection, returnTo };
    const replaced = (await candidates.read(joins, provider.id))?.candidate.connection;
    const location = addresses.of(`/connect/${provider.id}/confirm`);
    const id = await establish(services, req, provider, attempt, (_session, next) => [
      candidates.write(joins, provider.id, candidate),
      ...finished(location, next),
    ]);
    if (replaced?.tokens) {
      const newerConnection = [connection, existing].some((other) => other && mayShareGrant(replaced, other));
      void services.inFlight.add(services.revoker.dropLate(provider, replaced.tokens, { newerConnection }));
    }
    return { location, id };
  }
  const key = connectionKey(joins, provider.id);
  const location = withOutcome(returnTo, { connected: provider.id });
  const id = await establish(services, req, provider, attempt, (session, next) => [
    { key, value: connections.seal(key, connection), ttlMs: services.sessions.lifetime(session) },
    { key: pauseKey(joins, provider.id), delete: true },
    ...finished(location, next),
  ]);
  log.audit(
    'connection.stored',
    { tag: joins, owner: stored.pending.owner, trace: req.res?.locals },
    { provider: provider.id },
  );
  return { location, id };
}

function newConnection(
  provider: Provider,
  tokens: Redeemed['tokens'],
  account: Connection['account'],
  existing: Connection | undefined,
  now: number,
): Connection {
  const same = existing?.account.subject !== undefined && existing.account.subject === account.subject;
  return {
    provider: provider.id,
    ...(provider.environment === undefined ? {} : { environment: provider.environment }),
    clientId: provider.clientId,
    connectedAt: Math.floor(now / 1000),
    account,
    tokens,
    requestedScopes: provider.scopes,
    ...(same && existing.organization !== undefined ? { organization: existing.organization } : {}),
    ...(same && existing.organizationLost ? { organizationLost: true } : {}),
  };
}

/**
 * A reload: the first callback may still be at work; its outcome is waited for as long as the process that works on it
 * lives, and nothing is exchanged again.
 */
async function finishedElsewhere(
  services: Dependencies,
  req: Request,
  provider: Provider,
  { stored, current }: KnownAttempt,
  answer: string,
): Promise<string> {
  const { pending, now } = services;
  for (let tries = 0; tries < 250; tries += 1) {
    const attempt = await pending.read(stored.reference);
    const taken = attempt?.pending.taken;
    if (taken?.answer !== answer) break;
    const { finished } = taken;
    if (finished && now() - finished.at > afterlife) break;
    if (finished?.undelivered !== undefined && !current) await handOver(services, req, finished.undelivered);
    if (finished) return (await confirmedMeanwhile(services, provider, taken.joins, stored)) ?? finished.location;
    if (attempt?.atWork === false) throw brokenOff(provider);
    await wait(100);
  }
  throw new GatehouseError('state_unknown', 'This sign-in is finished already. Start again.', {
    provider: provider.id,
  });
}

/** The process that worked on it is gone, and nobody knows whether the code was spent: it is not sent again. */
function brokenOff(provider: Provider): GatehouseError {
  return new GatehouseError('state_unknown', 'It was broken off on this side before it was finished. Start again.', {
    provider: provider.id,
  });
}

/** After the account was confirmed a reload leads to where the confirmation led. */
async function confirmedMeanwhile(
  { candidates, connections }: Dependencies,
  provider: Provider,
  tag: string,
  { pending: { returnTo } }: KnownAttempt['stored'],
): Promise<string | undefined> {
  if (await candidates.read(tag, provider.id)) return undefined;
  const connected = (await connections.read(tag, provider.id)) !== undefined;
  return connected ? withOutcome(returnTo, { connected: provider.id }) : undefined;
}

/** The browser went away before it was given its session, and came back with the same answer: it gets a new id, once. */
async function handOver({ sessions }: Dependencies, req: Request, undelivered: string): Promise<void> {
  const id = parseSessionId(undelivered);
  const session = id && (await sessions.read(id));
  const next = session && (await sessions.renew(id, session, () => []));
  if (next) adoptSession(req, sessions, next, session);
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
