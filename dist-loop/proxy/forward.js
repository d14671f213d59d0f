import { Exchange } from './exchange.js';
import { bodyLength, bodyTooLarge, CallerGone, closeUnlessComplete, keptBodyBytes, readBody, UploadStream, } from './request-body.js';
import { forwardsLeft } from './request-headers.js';
import { createUpstreamPools } from './upstream-pools.js';
const gone = { source: 'client_abort' };
export function createForwarder(options = {}) {
    const pools = createUpstreamPools(options);
    const limit = options.maxBodyBytes ?? Number.POSITIVE_INFINITY;
    return {
        close: () => pools.close(),
        async forward(req, res, call) {
            if (res.destroyed || res.closed)
                return gone;
            if (forwardsLeft(req) === 0)
                return answerHere(res, call);
            const length = bodyLength(req);
            if (length !== undefined && length > limit) {
                closeUnlessComplete(req, res);
                throw bodyTooLarge();
            }
            const exchange = new Exchange(req, res, call, pools.at(call.baseUrl));
            if (length === 0)
                return exchange.run(null);
            if (length === undefined || length > keptBodyBytes)
                return exchange.run(new UploadStream(req, limit), length);
            const body = await readBody(req);
            return body instanceof CallerGone ? gone : exchange.run(body);
        },
    };
}
/** For an OPTIONS that may travel no further. */
function answerHere(res, call) {
    const extra = (call.extraResponseHeaders ?? []).flat();
    res.writeHead(204, ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS', 'Cache-Control', 'no-store', ...extra]);
    res.end();
    return { source: 'gatehouse', status: 204 };
}
