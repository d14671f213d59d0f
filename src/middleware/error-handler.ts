import type { ErrorRequestHandler, Request, Response } from 'express';
import { GatehouseError, type ProblemCode } from '../errors.js';
import { describeError, type Log } from '../log/log.js';
import { breakOff } from '../proxy/request-body.js';
import type { ProviderRegistry } from '../providers/registry.js';
import { StoreUnavailableError } from '../store/store.js';
import { compact } from '../compact.js';
import { challenge, problemBody, problemType, type ProblemBody } from '../http/problem.js';
import { wantsHtml } from './accepts.js';
import type { CrossOrigin } from './cross-origin.js';
import { newRequestId } from '../http/request-id.js';
import { setPlainHeaders } from './security-headers.js';

interface Dependencies {
  crossOrigin: CrossOrigin;
  https: boolean;
  log: Log;
  registry: ProviderRegistry;
  /** The absolute address of a path of ours. */
  address: (path: string) => string;
  /** Renders the error page. */
  page: (req: Request, res: Response, problem: ProblemBody, signIn?: SignInOffer) => string;
  /** How a person signs in who has to. */
  signIn: (req: Request, res: Response) => SignInOffer | undefined;
}

/** How a person signs in: an application's page, and Connect buttons. */
export interface SignInOffer {
  application_url: string | null;
  providers: readonly { id: string; name: string; connect_url: string }[];
}

/** Codes after which connecting again is what helps. */
const connectHelps = new Set([
  ...['login_required', 'not_connected', 'reauth_required', 'scope_missing', 'state_unknown', 'state_expired'],
  ...[
    'code_exchange_rejected',
    'interaction_required',
    'variable_required',
    'access_denied',
    'nonce_mismatch',
    'issuer_mismatch',
    'id_token_invalid',
  ],
]);

/** Codes after which signing in is what helps. */
const signInCodes = new Set<ProblemCode>(['owner_required', 'owner_expired']);

const bodyRefusals = new Set<ProblemCode>(['body_too_large', 'request_timeout']);

/** Turns whatever was thrown into the error that a caller may see. */
export function toGatehouseError(error: unknown): GatehouseError {
  if (error instanceof GatehouseError) return error;
  if (error instanceof StoreUnavailableError)
    return new GatehouseError(
      'store_unavailable',
      'Nothing is lost, and nobody was logged out. Try again in a moment.',
      {
        retryAfter: 1,
        cause: error,
      },
    );
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new GatehouseError('invalid_request', 'The request cannot be read. Check its encoding and its body.', {
      cause: error,
    });
  return new GatehouseError('internal_error', 'The administrator finds the cause in the log under the request id.', {
    cause: error,
  });
}

/** The last line of the app: the same code and request id for a person and for a program. */
export function errorHandler({
  crossOrigin,
  https,
  log,
  registry,
  address,
  page,
  signIn,
}: Dependencies): ErrorRequestHandler {
  return (thrown: unknown, req, res, _next) => {
    const error = toGatehouseError(thrown);
    const requestId = (res.locals as Partial<typeof res.locals>).requestId ?? newRequestId();
    logProblem(log, error, req, res, requestId);
    if (res.headersSent) {
      breakOff(req, res);
      return;
    }
    res.setHeader('X-Request-Id', requestId);
    const offer = signInCodes.has(error.code) ? signIn(req, res) : undefined;
    const problem = problemOf(error, req, requestId, registry, address, offer);
    res.status(error.status);
    if (error.status === 401) res.setHeader('WWW-Authenticate', challenge(address(''), error.code));
    if (error.allow) res.setHeader('Allow', error.allow.join(', '));
    if (error.retryAfter !== undefined || error.status === 503)
      res.setHeader('Retry-After', String(Math.max(1, Math.ceil(error.retryAfter ?? 1))));
    setPlainHeaders(res, https);
    // The rest of a body that was not read is not worth a connection.
    if (bodyRefusals.has(error.code)) res.setHeader('Connection', 'close');
    if (isProxied(req.path)) {
      res.setHeader('X-Gatehouse-Error', error.code);
      for (const [name, value] of crossOrigin.headers(req)) res.append(name, value);
    }
    const html = wantsHtml(req) ? pageOrNothing(() => page(req, res, problem, offer), log) : undefined;
    if (html !== undefined) res.type('html').send(html);
    else res.type(problemType).send(JSON.stringify(problem));
  };
}

/** `/proxy` itself and all that lies below. */
function isProxied(path: string): boolean {
  return path === '/proxy' || path.startsWith('/proxy/');
}

/** A page that cannot be made must not end in Express's own, which tells the stack. */
function pageOrNothing(make: () => string, log: Log): string | undefined {
  try {
    return make();
  } catch (error) {
    log.error('page.failed', describeError(error));
    return undefined;
  }
}

function problemOf(
  error: GatehouseError,
  req: Request,
  requestId: string,
  registry: ProviderRegistry,
  address: (path: string) => string,
  offer: SignInOffer | undefined,
): ProblemBody {
  const provider = error.provider === undefined ? undefined : registry.get(error.provider);
  const connectable = provider !== undefined && provider.grant !== 'client_credentials' && connectHelps.has(error.code);
  const more = compact({
    provider: provider?.id,
    instance: instanceOf(req.path),
    connections: error.connections,
    variables: error.variables,
    reason: error.reason,
    connect_url: offer
      ? (offer.application_url ?? offer.providers[0]?.connect_url)
      : connectable
        ? address(`/connect/${provider.id}${ofConnection(error.code, req.path)}`)
        : undefined,
    retry_after: error.retryAfter === undefined ? undefined : Math.max(1, Math.ceil(error.retryAfter)),
  });
  return problemBody(error.code, error.detail, requestId, more);
}

/** Codes of a connection that was found in this session: its id may be told. */
const found = new Set<ProblemCode>(['reauth_required', 'scope_missing']);

/** Where the path names a connection by its id: that this one is to be reconnected. */
function ofConnection(code: ProblemCode, path: string): string {
  const [, id] = /^\/(?:api\/connections|connections|proxy)\/(con_[0-9A-Za-z]{22})(?:\/|$)/.exec(path) ?? [];
  return id !== undefined && found.has(code) ? `?connection=${id}` : '';
}

/** The first segments of the path, as far as they are words of ours or provider ids: what a caller sent is not echoed. */
function instanceOf(path: string): string {
  const words = path.split('/').slice(1, 5);
  const known = words.findIndex((word) => !/^[a-z][a-z0-9-]{0,31}$/.test(word));
  const cut = words[0] === 'proxy' ? 2 : known === -1 ? words.length : known;
  return `/${words.slice(0, Math.min(cut, known === -1 ? words.length : known)).join('/')}`;
}

function logProblem(log: Log, error: GatehouseError, req: Request, res: Response, requestId: string): void {
  const fields = {
    request_id: requestId,
    traceparent: (res.locals as Partial<typeof res.locals>).traceparent,
    code: error.code,
    method: req.method,
    path: instanceOf(req.path),
    ...(error.provider === undefined ? {} : { provider: error.provider }),
    ...(error.cause === undefined ? {} : describeError(error.cause)),
  };
  if (error.status >= 500) log.error('request.failed', fields);
  else log.info('request.refused', fields);
}
