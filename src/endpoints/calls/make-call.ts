import type { Request, Response } from 'express';
import { strictTransport } from '../../http/own-headers.js';
import { traceHeaders } from '../../http/trace-context.js';
import { type CrossOrigin } from '../../middleware/cross-origin.js';
import type { Provider } from '../../providers/provider.js';
import { withParameters } from '../../http/query-parameters.js';
import { droppedHeaders } from '../../proxy/request-headers.js';
import type { ForwardCall, ForwardDone, ForwardOutcome } from '../../proxy/forward.js';
import type { Services } from '../../services.js';
import { orLoginRequired } from '../request/required-session.js';
import type { ArrivedCall, CalledConnection } from './call.js';
import { authorizationOf } from './call-target.js';
import { createCallLog } from './call-log.js';
import { createCallsUnderWay, type WatchedCall } from './calls-under-way.js';
import { recordConnection } from './find-connection.js';
import { createTokenUse, type TokenUse } from './token-use.js';

export type CallServices = Services & { crossOrigin: CrossOrigin };

const noTrace: readonly string[] = [];

/** Makes the call with its connection, within the session's limit, and sees to what follows from how it ends. */
export function createCallMaker(services: CallServices): (arrived: ArrivedCall, called: CalledConnection) => void {
  const { forwarder, callLimit, accountLimits, refusedTokens, memberships, metrics, sessions, configuration, log } =
    services;
  const meter = metrics.calls;
  const logCall = createCallLog(log);
  const underWay = createCallsUnderWay(services);
  const ownHeaders = ownHeadersOf(services);
  const logsDropped = log.enabled('debug');

  const send = (watched: WatchedCall, req: Request, res: Response, call: ForwardCall, done: ForwardDone): void => {
    meter.begin();
    watched.call = forwarder.forward(req, res, call, done);
  };

  return (arrived, called) => {
    const { req, res, next, provider, path, methods, arrivedAt } = arrived;
    const { browserId, ref, connection, target } = called;
    const below = target.basePath === undefined ? path : pathOf(provider, path, target.basePath);
    recordConnection(services, ref, connection);
    const leave = callLimit.enter(browserId, provider.id);
    let use: TokenUse | undefined;
    const onAuthFailure = async (status: number): Promise<string | undefined> => {
      const asking = { ...ref, trace: res.locals };
      if (isAboutOrganization(provider, status)) {
        await memberships.refuseIfGone(asking, connection);
        return undefined;
      }
      use ??= createTokenUse(refusedTokens, connection);
      const refreshed = await use.afterRejection(asking).catch(orLoginRequired(sessions, browserId, provider));
      return refreshed && authorizationOf(provider, refreshed.tokens.accessToken);
    };
    // Every member is named, also one that is absent: a copy by spreading costs more than the rest of this function.
    const call: Whole<ForwardCall> = {
      providerId: target.providerId,
      baseUrl: target.baseUrl,
      publicPrefix: target.publicPrefix,
      headers: target.headers,
      forwardRequestHeaders: target.forwardRequestHeaders,
      redirectHosts: target.redirectHosts,
      cache: target.cache,
      timeoutMs: target.timeoutMs,
      maxBodyBytes: target.maxBodyBytes,
      authFailureStatus: target.authFailureStatus,
      isAuthFailureBody: target.isAuthFailureBody,
      authorization: target.authorization,
      tokenHeader: target.tokenHeader,
      tokenParameter: target.tokenParameter,
      certificate: target.certificate,
      judgeBody: arrived.judged ? target.judgeBody : undefined,
      parties: called.parties,
      path: target.parameters.length === 0 ? below : withParameters(below, target.parameters),
      methods,
      trace: configuration.traceUpstream ? traceHeaders(req.headers, res.locals.traceparent) : noTrace,
      extraResponseHeaders: ownHeaders(req, res),
      exposedHeaders: services.crossOrigin.exposedTo(req),
      onAuthFailure,
    };
    if (logsDropped) logDropped(services, arrived, call);

    const settle = (outcome: ForwardOutcome): void => {
      if (outcome.status && outcome.status < 400 && !outcome.unauthorized)
        refusedTokens.accepted(ref, use?.connection ?? connection);
      logCall(arrived, outcome);
    };
    let leaveAccount: (() => void) | undefined;
    let watched: WatchedCall | undefined;
    const done: ForwardDone = (error, outcome) => {
      leave();
      leaveAccount?.();
      if (watched) underWay.end(watched);
      meter.end(provider.id, outcome, arrivedAt);
      if (outcome === undefined) next(error);
      else settle(outcome);
    };
    if (provider.api.limits === undefined) {
      watched = underWay.begin(called);
      send(watched, req, res, call, done);
    } else
      accountLimits.enter(ref, connection).then(
        (leaveIt) => {
          leaveAccount = leaveIt;
          watched = underWay.begin(called);
          send(watched, req, res, call, done);
        },
        (error: unknown) => {
          leave();
          next(error);
        },
      );
  };
}

/** The path below the provider's base URL, below that of the connection. */
function pathOf({ api }: Provider, path: string, basePath: string): string {
  return basePath + path.slice(api.baseUrl.pathname.length);
}

/** No member can be forgotten. */
type Whole<T> = { [Member in keyof Required<T>]: T[Member] };

/** The headers of a response that are ours, flat. */
function ownHeadersOf({ cookies, crossOrigin }: CallServices): (req: Request, res: Response) => string[] {
  const transport = cookies.secure ? ['Strict-Transport-Security', strictTransport] : [];
  return (req, res) => {
    const headers = ['X-Request-Id', res.locals.requestId, ...transport];
    for (const [name, value] of crossOrigin.sharing(req)) headers.push(name, value);
    return headers;
  };
}

function logDropped({ log }: Services, { req, res, provider }: ArrivedCall, call: ForwardCall): void {
  const names = droppedHeaders(req.rawHeaders, call).join(' ');
  if (names === '') return;
  const fields = { provider: provider.id, headers: names.slice(0, 1000), request_id: res.locals.requestId };
  log.debug('proxy.headers_dropped', fields);
}

/** A status that this API uses for tokens and for organizations alike is about the token. */
function isAboutOrganization({ api, organizations }: Provider, status: number): boolean {
  const aboutToken = status < 300 || api.authFailureStatus.includes(status);
  return !aboutToken && (organizations?.refusalStatus.includes(status) ?? false);
}
