import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ForwardCall, ForwardDone, ForwardOutcome } from './call.js';
import { Exchange } from './exchange.js';
import {
  bodyLength,
  bodyTooLarge,
  CallerGone,
  closeUnlessComplete,
  keptBodyBytes,
  readBody,
  UploadStream,
} from './request-body.js';
import { forwardsLeft } from './request-headers.js';
import { createUpstreamPools, type UpstreamOptions } from './upstream-pools.js';

export type { ForwardCall, ForwardDone, ForwardOutcome } from './call.js';

export interface ForwarderOptions extends UpstreamOptions {
  /** Largest request body in bytes (no limit). */
  maxBodyBytes?: number | undefined;
}

export interface Forwarder {
  /**
   * Sends one call to the provider's API and its answer to the caller, both as streams. `done` is told once: of the outcome
   * when the answer is out, or when the caller or the upstream broke it off; of an error as long as nothing was sent to the
   * caller. That is a GatehouseError, upstream_unreachable, upstream_timeout, upstream_invalid_response, body_too_large or
   * invalid_request, or whatever `onAuthFailure` throws.
   */
  forward(req: IncomingMessage, res: ServerResponse, call: ForwardCall, done: ForwardDone): void;
  /** Lets calls under way finish and closes the connections to every upstream. */
  close(): Promise<void>;
}

const gone: ForwardOutcome = { source: 'client_abort' };

export function createForwarder(options: ForwarderOptions = {}): Forwarder {
  const pools = createUpstreamPools(options);
  const limit = options.maxBodyBytes ?? Number.POSITIVE_INFINITY;

  const send: Forwarder['forward'] = (req, res, call, done) => {
    const length = bodyLength(req);
    if (length !== undefined && length > limit) {
      closeUnlessComplete(req, res);
      throw bodyTooLarge();
    }
    const exchange = new Exchange(req, res, call, pools.at(call.baseUrl), done);
    if (length === 0) exchange.run(null);
    else if (length === undefined || length > keptBodyBytes) exchange.run(new UploadStream(req, limit), length);
    else
      readBody(req, (body) => {
        if (body instanceof CallerGone) done(undefined, gone);
        else exchange.run(body);
      });
  };

  return {
    close: () => pools.close(),
    forward(req, res, call, done) {
      if (res.destroyed || res.closed) done(undefined, gone);
      else if (forwardsLeft(req) === 0) done(undefined, answerHere(res, call));
      else
        try {
          send(req, res, call, done);
        } catch (error) {
          done(error);
        }
    },
  };
}

/** For an OPTIONS that may travel no further. */
function answerHere(res: ServerResponse, call: ForwardCall): ForwardOutcome {
  const extra = call.extraResponseHeaders ?? [];
  res.writeHead(204, ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS', 'Cache-Control', 'no-store', ...extra]);
  res.end();
  return { source: 'gatehouse', status: 204 };
}
