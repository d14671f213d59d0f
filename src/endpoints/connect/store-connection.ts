import type { Request } from 'express';
import type { Candidate } from '../../connections/candidates.js';
import { mayShareGrant, type Connection } from '../../connections/connection.js';
import type { TakenAttempt } from '../../connections/attempts.js';
import type { Redeemed } from '../../oauth/redeem.js';
import { wholeSecond } from '../../oauth/token-set.js';
import type { Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import { formatSessionId, type SessionId } from '../../sessions/session-id.js';
import { connectionKey, pauseKey } from '../../store/keys.js';
import type { Write } from '../../store/store.js';
import type { Addresses } from '../../config/addresses.js';
import { writeSession } from './write-session.js';
import type { KnownAttempt } from './find-attempt.js';
import { withOutcome } from '../request/return-to.js';

type Dependencies = Services & { addresses: Addresses };

/** Stores the connection, or puts it up for the person's confirmation. Answers where the person goes next, with which session id. */
export async function storeConnection(
  services: Dependencies,
  req: Request,
  provider: Provider,
  attempt: KnownAttempt,
  taken: TakenAttempt,
  connection: Connection,
  existing: Connection | undefined,
): Promise<{ location: string; id: SessionId | undefined }> {
  const { connections, candidates, addresses, pending, log, now } = services;
  const { browserId, stored } = attempt;
  const actor = { slot: browserId, owner: stored.pending.owner, trace: req.res?.locals };
  /** In the same step, so that a process that dies before its answer leaves a reload that brings the session. */
  const finished = (location: string, next: SessionId | undefined): Write[] => {
    if (next === undefined || stored.reference.browserId !== browserId) return [];
    const undelivered = formatSessionId(next);
    return [pending.finishing(stored, { ...taken, finished: { location, at: now(), undelivered } })];
  };
  const { returnTo } = stored.pending;
  const known = existing?.account.subject;
  const another =
    known !== undefined && connection.account.subject !== undefined && known !== connection.account.subject;
  if (provider.confirm === 'always' || another) {
    const candidate: Candidate = { connection, returnTo };
    const replaced = (await candidates.read(browserId, provider.id))?.candidate.connection;
    const location = addresses.of(`/connect/${provider.id}/confirm`);
    const id = await writeSession(services, req, provider, attempt, (_session, next) => [
      candidates.write(browserId, provider.id, candidate),
      ...finished(location, next),
    ]);
    if (replaced?.tokens) {
      const newerConnection = [connection, existing].some((other) => other && mayShareGrant(replaced, other));
      const dropped = services.revoker.dropLate(provider, replaced.tokens, { newerConnection });
      const declined = dropped.then((revocation) =>
        log.audit('connection.declined', actor, { provider: provider.id, outcome: 'replaced', revocation }),
      );
      void services.inFlight.add(declined);
    }
    return { location, id };
  }
  const key = connectionKey(browserId, provider.id);
  const location = withOutcome(returnTo, { connected: provider.id });
  const id = await writeSession(services, req, provider, attempt, (session, next) => [
    { key, value: connections.seal(key, connection), ttlMs: services.sessions.lifetime(session) },
    { key: pauseKey(browserId, provider.id), delete: true },
    ...finished(location, next),
  ]);
  log.audit('connection.stored', actor, { provider: provider.id });
  return { location, id };
}

/** The connection that a sign-in has made; the same account keeps its organization. */
export function newConnection(
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
    connectedAt: wholeSecond(now),
    account,
    tokens,
    requestedScopes: provider.scopes,
    ...(same && existing.organization !== undefined ? { organization: existing.organization } : {}),
    ...(same && existing.organizationLost ? { organizationLost: true } : {}),
  };
}
