import { accessDenied } from '../../connections/application-access.js';
import { notConnected } from '../../connections/refresh/failure.js';
import type { GatehouseError } from '../../errors.js';
import type { CallUnderWay } from '../../proxy/forward.js';
import type { Services } from '../../services.js';
import type { Session } from '../../sessions/session-record.js';
import { withoutHolder } from '../../middleware/standing.js';
import { connectionKey } from '../../store/keys.js';
import { loginRequired } from '../request/required-session.js';
import type { CalledConnection } from './call.js';

/** The calls that are on their way, so that none goes on when its session or connection has ended. */
export interface CallsUnderWay {
  begin(called: CalledConnection): WatchedCall;
  end(watched: WatchedCall): void;
}

export interface WatchedCall {
  readonly called: CalledConnection;
  /** Absent until the call is on its way. */
  call: CallUnderWay | undefined;
  readonly begunAt: number;
  /** Its place in the list. */
  at: number;
}

/**
 * Milliseconds between two looks at the sessions and connections of calls that last longer than that. The store answers from
 * memory where Redis reports changes; otherwise a look is one question for each connection.
 */
const lookEveryMs = 2_000;

type Dependencies = Pick<Services, 'store' | 'sessions' | 'holders' | 'held' | 'connections' | 'applicationAccess'>;

export function createCallsUnderWay(services: Dependencies): CallsUnderWay {
  /** A list whose gaps are filled at once: the outgrown tables of a Set would keep calls that have ended. */
  const watched: WatchedCall[] = [];
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    const begunBefore = performance.now() - lookEveryMs;
    // The warm calls of one connection share what they were made with.
    const reasons = new Map<CalledConnection, GatehouseError | undefined>();
    for (const { called, call, begunAt } of [...watched]) {
      if (begunAt > begunBefore) continue;
      // A store that cannot be asked ends nothing.
      if (!reasons.has(called)) reasons.set(called, await whyEnded(services, called).catch(() => undefined));
      const reason = reasons.get(called);
      if (reason) call?.end(reason);
    }
  };

  const schedule = (): void => {
    timer ??= setTimeout(() => {
      void look().finally(() => {
        timer = undefined;
        if (watched.length > 0) schedule();
      });
    }, lookEveryMs).unref();
  };

  return {
    begin: (called) => {
      const entry: WatchedCall = { called, call: undefined, begunAt: performance.now(), at: watched.length };
      watched.push(entry);
      schedule();
      return entry;
    },
    end: (entry) => {
      const last = watched.pop();
      if (last === undefined || last === entry) return;
      watched[entry.at] = last;
      last.at = entry.at;
    },
  };
}

/** Why a call with this connection may not go on: its session has ended, or another one began, or its connection is gone. */
async function whyEnded(
  { store, sessions, holders, held, connections, applicationAccess }: Dependencies,
  { browserId, session, ref, connection }: CalledConnection,
): Promise<GatehouseError | undefined> {
  const { provider } = ref;
  const now = await sessions.current(browserId, []);
  if (!now.session || !isSame(session, now.session)) return loginRequired(provider.id);
  const place = holders.slotOf(browserId, now.session);
  if (!place) return withoutHolder('owner_required', provider.id);
  const [record, ...proofs] = await store.recall([connectionKey(place.slot, ref.cell), ...place.keys]);
  const standing = holders.judge(browserId, now.session, proofs);
  if (!('holder' in standing)) return withoutHolder(standing.refusal, provider.id);
  if (provider.grant === 'client_credentials')
    return applicationAccess.isNamed(provider, await held.read(place.slot)) ? undefined : accessDenied(provider);
  if (!record) return notConnected(provider);
  const stored = connections.open(ref.key, record).connection;
  return stored && (stored.id !== connection.id || stored.account.subject !== connection.account.subject)
    ? notConnected(provider)
    : undefined;
}

function isSame(then: Session, now: Session): boolean {
  return then.createdAt === now.createdAt && (then.owner === undefined || then.owner === now.owner);
}
