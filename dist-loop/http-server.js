import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { drained } from './http-drain.js';
import { createRefusals, maxHeaders, refusalOf } from './http-refusal.js';
/**
 * The HTTP/1.1 server in front of the application: limits, and what is settled before any route is asked.
 *
 * Express gives every request and response the application's prototypes, and V8 drops what it has learned about an
 * object whose prototype changes: everything after that is slower, by up to a half. Here they are born with those
 * prototypes, so that Express's assignment changes nothing.
 */
export function createHttpServer(app, options = {}) {
    let draining = false;
    const { refuse, rawProblem, onClientError } = createRefusals(options.https === true);
    class AppRequest extends IncomingMessage {
        _read(size) {
            if (this.expectsContinue === true)
                sendContinue(this);
            super._read(size);
        }
    }
    class AppResponse extends ServerResponse {
        writeHead(status, reason, headers) {
            if (draining)
                this.shouldKeepAlive = false;
            return super.writeHead(status, reason, headers);
        }
    }
    adopt(AppRequest.prototype, app.request);
    adopt(AppResponse.prototype, app.response);
    app.request = AppRequest.prototype;
    app.response = AppResponse.prototype;
    const idleTimeoutMs = options.idleTimeoutMs ?? 330_000;
    const bodyIdleTimeoutMs = options.bodyIdleTimeoutMs ?? 60_000;
    const lateBodyMs = options.lateBodyMs ?? 5_000;
    const server = createServer({
        IncomingMessage: AppRequest,
        ServerResponse: AppResponse,
        maxHeaderSize: 16_384,
        headersTimeout: options.headersTimeoutMs ?? 15_000,
        requestTimeout: 0,
        keepAliveTimeout: options.keepAliveTimeoutMs ?? 65_000,
        connectionsCheckingInterval: Math.min(5_000, options.headersTimeoutMs ?? 15_000),
        insecureHTTPParser: false,
        // A request without Host is refused by refusalOf, whose answer carries our headers.
        requireHostHeader: false,
    });
    server.timeout = idleTimeoutMs;
    server.maxHeadersCount = maxHeaders;
    if (options.maxConnections !== undefined)
        server.maxConnections = options.maxConnections;
    const serve = (req, res) => {
        const refusal = refusalOf(req);
        if (refusal !== undefined) {
            refuse(res, refusal);
            return;
        }
        if (hasBody(req)) {
            req.socket.setTimeout(bodyIdleTimeoutMs);
            req.once('end', () => req.socket.setTimeout(idleTimeoutMs));
            res.once('finish', () => closeIfLate(req, lateBodyMs));
        }
        app(req, res);
    };
    const sockets = new Set();
    server.on('connection', (socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
    });
    server.on('request', serve);
    server.on('checkContinue', (req, res) => {
        req.expectsContinue = true;
        awaitingContinue.set(req, res);
        serve(req, res);
    });
    server.on('checkExpectation', (_req, res) => refuse(res, 'expectation_failed'));
    server.on('connect', (_req, socket) => socket.end(rawProblem('method_not_allowed')));
    server.on('clientError', onClientError);
    return {
        server,
        async drain(graceMs, acceptMs = 0) {
            draining = true;
            if (acceptMs > 0)
                await wait(acceptMs);
            return drained(server, sockets, graceMs);
        },
    };
}
/** Puts `prototype` in front of what the application had: its own members first, then the application's. */
function adopt(prototype, applications) {
    Object.setPrototypeOf(prototype, applications);
}
const awaitingContinue = new WeakMap();
/** Somebody reads the body that the caller holds back. After the answer has begun it is too late to ask for it, and Node closes the connection after it. */
function sendContinue(req) {
    req.expectsContinue = false;
    const res = awaitingContinue.get(req);
    if (res === undefined || res.headersSent)
        return;
    res.writeContinue();
}
/** The answer is out: who goes on sending its request, slowly, only holds a connection. */
function closeIfLate(req, limitMs) {
    if (req.complete)
        return;
    const { socket } = req;
    const late = setTimeout(() => {
        if (!req.complete)
            socket.destroy();
    }, limitMs);
    socket.once('close', () => clearTimeout(late));
}
function hasBody(req) {
    const { headers } = req;
    return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}
