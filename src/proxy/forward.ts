import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ForwardCall, ForwardOutcome } from './call.js';
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

export type { ForwardCall, ForwardOutcome } from './call.js';

export interface ForwarderOptions extends UpstreamOptions {
  /** Largest request body in bytes (no limit). */
  maxBodyBytes?: number | undefined;
}

export interface Forwarder {
  /**
   * Sends one call to the provider's API and its answer to the caller, both as streams. Throws GatehouseError as long
   * as nothing was sent to the caller: upstream_unreachable, upstream_timeout, upstream_invalid_response,
   * body_too_large, invalid_request, and whatever `onAuthFailure` throws. Resolves when the answer is out, or when the
   * caller or the upstream broke it off.
   */
  forward(req: IncomingMessage, res: ServerResponse, call: ForwardCall): Promise<ForwardOutcome>;
  /** Lets calls under way finish and closes the connections to every upstream. */
  close(): Promise<void>;
}

const gone: ForwardOutcome = { source: 'client_abort' };

export function createForwarder(options: ForwarderOptions = {}): Forwarder {
  const pools = createUpstreamPools(options);
  const limit = options.maxBodyBytes ?? Number.POSITIVE_INFINITY;

  return {
    close: () => pools.close(),
    forward(req, res, call) {
      if (res.destroyed || res.closed) return Promise.resolve(gone);
      if (forwardsLeft(req) === 0) return Promise.resolve(answerHere(res, call));
      const length = bodyLength(req);
      if (length !== undefined && length > limit) {
        closeUnlessComplete(req, res);
        throw bodyTooLarge();
      }
      const exchange = new Exchange(req, res, call, pools.at(call.baseUrl));
      if (length === 0) return exchange.run(null);
      if (length === undefined || length > keptBodyBytes) return exchange.run(new UploadStream(req, limit), length);
      return readBody(req).then((body) => (body instanceof CallerGone ? gone : exchange.run(body)));
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
