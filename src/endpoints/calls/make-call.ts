import type { NextFunction, Request, Response } from 'express';
import type { CrossOrigin } from '../../middleware/cross-origin.js';
import type { Provider } from '../../providers/provider.js';
import { createCallLimit } from '../../proxy/call-limit.js';
import type { Forwarder, ForwardOutcome } from '../../proxy/forward.js';
import type { Services } from '../../services.js';
import type { Addresses } from '../../config/addresses.js';
import { recordConnection } from './find-connection.js';
import { createCallLog } from './call-log.js';
import { targetOf } from './forward-call.js';
import type { CalledConnection } from './warm-connection.js';
import { orLoginRequired } from '../request/required-session.js';

export type ApiCallServices = Services & { addresses: Addresses; crossOrigin: CrossOrigin; forwarder: Forwarder };

/** A request for a provider's API that nothing speaks against. */
export interface ArrivedCall {
  req: Request;
  res: Response;
  next: NextFunction;
  provider: Provider;
  /** Of the upstream's request. */
  path: string;
  /** By `performance.now`. */
  arrivedAt: number;
}

/** Makes the call with its connection, within the session's limit, and sees to what follows from how it ends. */
export function createCallMaker(services: ApiCallServices): (arrived: ArrivedCall, called: CalledConnection) => void {
  const { crossOrigin, forwarder, addresses, refusedTokens, memberships, metrics, sessions } = services;
  const target = targetOf(addresses, services.cookies.secure, services.configuration.traceUpstream);
  const limit = createCallLimit(services.store, services.configuration.proxyCallsPerSession);
  const meter = metrics.calls;
  const logCall = createCallLog(services.log);

  return (arrived, { browserId, ref, connection }) => {
    const { req, res, next, provider, path, arrivedAt } = arrived;
    recordConnection(services, ref, connection);
    let used = connection;
    const onAuthFailure = async (status: number): Promise<string | undefined> => {
      const asking = { ...ref, trace: res.locals };
      if (isAboutOrganization(provider, status)) {
        await memberships.refuseIfGone(asking, connection);
        return undefined;
      }
      if (used !== connection) {
        await refusedTokens.refusedAgain(asking, used);
        return undefined;
      }
      const refreshed = await refusedTokens
        .afterRejection(asking, connection)
        .catch(orLoginRequired(sessions, browserId, provider));
      used = refreshed ?? connection;
      return refreshed && `Bearer ${refreshed.tokens.accessToken}`;
    };
    const call = target(req, res, provider, connection, path, crossOrigin.headers(req), onAuthFailure);

    const send = (leave: () => void): void => {
      meter.begin();
      forwarder.forward(req, res, call, (error, outcome) => {
        leave();
        meter.end(provider.id, outcome, arrivedAt);
        if (outcome === undefined) next(error);
        else settle(outcome);
      });
    };
    const settle = (outcome: ForwardOutcome): void => {
      if (outcome.status && outcome.status < 400 && !outcome.unauthorized) refusedTokens.accepted(ref, used);
      logCall(arrived, outcome);
    };
    const entered = limit.enter(browserId, provider.id);
    if (entered instanceof Promise) entered.then(send).catch(next);
    else send(entered);
  };
}

/** A status that this API uses for tokens and for organizations alike is about the token. */
function isAboutOrganization({ api, organizations }: Provider, status: number): boolean {
  const aboutToken = status < 300 || api.authFailureStatus.includes(status);
  return !aboutToken && (organizations?.refusalStatus.includes(status) ?? false);
}
