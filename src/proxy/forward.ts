import type { IncomingMessage, ServerResponse } from 'node:http';
import { GatehouseError } from '../errors.js';
import type { ClientTls } from '../http/client.js';
import type { CallUnderWay, ForwardCall, ForwardDone, ForwardOutcome } from './call.js';
import { Exchange } from './exchange.js';
import {
  bodyLength,
  bodyTooLarge,
  CallerGone,
  closeUnlessComplete,
  keptBodyBytes,
  readBody,
  readWhole,
  UploadStream,
} from './request-body.js';
import { forwardsLeft } from './request-headers.js';
import type { Places } from './places.js';
import { createUpstreamPools, type UpstreamOptions } from './upstream-pools.js';

export type { CallUnderWay, ForwardCall, ForwardDone, ForwardOutcome } from './call.js';

export interface ForwarderOptions extends UpstreamOptions {
  /** Largest request body in bytes (no limit). */
  maxBodyBytes?: number | undefined;
}

export interface Forwarder {
  /**
   * Sends one call to the provider's API and its response to the caller, both as streams. `done` is called once: with the
   * outcome when the response is out, or when the caller or the upstream broke it off; with an error as long as nothing was
   * sent to the caller. That is a GatehouseError, upstream_unreachable, upstream_timeout, upstream_invalid_response,
   * upstream_busy, body_too_large or invalid_request, or what `onAuthFailure` throws. Undefined: it has ended already.
   */
  forward(req: IncomingMessage, res: ServerResponse, call: ForwardCall, done: ForwardDone): CallUnderWay | undefined;
  /** The places at the API of a base URL, for calls that are made in another way. */
  placesAt(baseUrl: URL, certificate?: ClientTls): Places;
  /** Lets calls under way finish and closes the connections to every upstream. */
  close(): Promise<void>;
}

/** Bytes of a body that is judged. */
const judgedBodyBytes = 1_048_576;

const gone: ForwardOutcome = { source: 'client_abort' };

export function createForwarder(options: ForwarderOptions = {}): Forwarder {
  const pools = createUpstreamPools(options);
  const defaultLimit = options.maxBodyBytes ?? Number.POSITIVE_INFINITY;

  const send = (req: IncomingMessage, res: ServerResponse, call: ForwardCall, done: ForwardDone): Exchange => {
    const length = bodyLength(req);
    const limit = call.maxBodyBytes ?? defaultLimit;
    if (length !== undefined && length > limit) {
      closeUnlessComplete(req, res);
      throw bodyTooLarge();
    }
    const exchange = new Exchange(req, res, call, pools.at(call.baseUrl, call.certificate), done);
    if (call.judgeBody) judge(req, call, exchange, Math.min(limit, judgedBodyBytes));
    else if (length === 0) exchange.run(null);
    else if (length === undefined || length > keptBodyBytes) exchange.run(new UploadStream(req, limit), length);
    else
      readBody(req, (body) => {
        if (body instanceof CallerGone) exchange.callerIsGone();
        else exchange.run(body);
      });
    return exchange;
  };

  return {
    close: () => pools.close(),
    placesAt: (baseUrl, certificate) => pools.at(baseUrl, certificate).places,
    forward(req, res, call, done) {
      if (res.destroyed || res.closed) done(undefined, gone);
      else if (forwardsLeft(req) === 0) done(undefined, respondHere(res, call));
      else
        try {
          return send(req, res, call, done);
        } catch (error) {
          done(error);
        }
      return undefined;
    },
  };
}

/** The body is read whole, judged, and sent as it was judged. */
function judge(req: IncomingMessage, { judgeBody }: ForwardCall, exchange: Exchange, limit: number): void {
  readWhole(req, limit, (body) => {
    if (body instanceof CallerGone) exchange.callerIsGone();
    else if (body instanceof GatehouseError) exchange.end(body);
    else
      try {
        exchange.run(judgeBody?.(body, req.headers) ?? body);
      } catch (error) {
        exchange.end(error as GatehouseError);
      }
  });
}

/** For an OPTIONS that may travel no further. */
function respondHere(res: ServerResponse, call: ForwardCall): ForwardOutcome {
  const extra = call.extraResponseHeaders ?? [];
  res.writeHead(204, ['Allow', call.methods.join(', '), 'Cache-Control', 'no-store', ...extra]);
  res.end();
  return { source: 'gatehouse', status: 204 };
}
