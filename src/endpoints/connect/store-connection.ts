import type { Request } from 'express';
import type { Candidate } from '../../connections/candidates.js';
import type { Connection } from '../../connections/connection.js';
import { storeOver } from '../../connections/new-connection.js';
import type { TakenAttempt } from '../../connections/attempts.js';
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
  const { sessions, connections, candidates, knownProviders, addresses, pending, log, now } = services;
  const { browserId, stored } = attempt;
  const actor = { slot: browserId, owner: stored.pending.owner, trace: req.res?.locals };
  /** In the same step, so that a process that dies before its answer leaves a reload that brings the session. */
  const finished = (location: string, next: SessionId | undefined): Write[] => {
    if (next === undefined || stored.reference.browserId !== browserId) return [];
    const undelivered = formatSessionId(next);
    return [pending.finishing(stored, { ...taken, finished: { location, at: now(), undelivered } })];
  };
  let ttlMs = 1;
  // The connection is stored: that its provider cannot be written down is no reason to say otherwise.
  const rememberProvider = () => knownProviders.add(browserId, provider.id, ttlMs).catch(() => undefined);
  const { returnTo } = stored.pending;
  const known = existing?.account.subject;
  const another =
    known !== undefined && connection.account.subject !== undefined && known !== connection.account.subject;
  if (provider.confirm === 'always' || another) {
    const candidate: Candidate = { connection, returnTo };
    const replaced = (await candidates.read(browserId, provider.id))?.candidate.connection;
    const location = addresses.of(`/connect/${provider.id}/confirm`);
    const id = await writeSession(services, req, provider, attempt, (session, next) => {
      ttlMs = sessions.lifetime(session);
      return [candidates.write(browserId, provider.id, candidate), ...finished(location, next)];
    });
    await rememberProvider();
    if (replaced?.tokens) {
      const released = services.revoker.release(provider, replaced, existing);
      const declined = released.then((revocation) =>
        log.audit('connection.declined', actor, { provider: provider.id, outcome: 'replaced', revocation }),
      );
      void services.inFlight.add(declined);
    }
    return { location, id };
  }
  const key = connectionKey(browserId, provider.id);
  const location = withOutcome(returnTo, { connected: provider.id });
  const id = await storeOver(services, browserId, connection, (merged) =>
    writeSession(services, req, provider, attempt, (session, next) => {
      ttlMs = sessions.lifetime(session);
      return [
        { key, value: connections.seal(key, merged), ttlMs },
        { key: pauseKey(browserId, provider.id), delete: true },
        ...finished(location, next),
      ];
    }),
  );
  await rememberProvider();
  log.audit('connection.stored', actor, { provider: provider.id });
  return { location, id };
}
