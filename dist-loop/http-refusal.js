import { problems } from './errors.js';
import { ownHeaders } from './own-headers.js';
const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
/** Header lines that are read; Node drops the rest silently, so that a request with as many is refused. */
export const maxHeaders = 200;
/** What no route is asked about; it also turns an absolute-form target into its path, since one authority is served. */
export function refusalOf(req) {
    if (req.method === 'TRACE')
        return 'method_not_allowed';
    const { rawHeaders } = req;
    if (rawHeaders.length >= maxHeaders * 2)
        return 'invalid_request';
    const hosts = countOfHost(rawHeaders);
    // RFC 9112 section 3.2.
    if (hosts > 1 || (hosts === 0 && req.httpVersion === '1.1'))
        return 'invalid_request';
    const upgrade = req.headers.upgrade;
    // Ignoring an offer of HTTP/2 is an answer to it (RFC 9110 section 7.8); other protocols expect more than that.
    if (upgrade !== undefined && upgrade.toLowerCase() !== 'h2c')
        return 'invalid_request';
    const target = req.url ?? '';
    if (target.startsWith('/') || target === '*')
        return undefined;
    const path = /^https?:\/\/[^/?#]+(.*)$/i.exec(target)?.[1];
    if (path === undefined)
        return 'invalid_request';
    req.url = path.startsWith('/') ? path : `/${path}`;
    return undefined;
}
function countOfHost(rawHeaders) {
    let count = 0;
    for (let at = 0; at < rawHeaders.length; at += 2) {
        const name = rawHeaders[at];
        if (name?.length === 4 && name.toLowerCase() === 'host')
            count += 1;
    }
    return count;
}
/** `https`: whether browsers come by TLS. */
export function createRefusals(https) {
    const headersOf = (code, body) => ({ ...ownHeaders(https), ...problemHeaders(code, body) });
    const rawProblem = (code, status = String(problems[code].status), reason = 'Refused') => {
        const body = problemBody(code);
        const lines = Object.entries(headersOf(code, body)).map(([name, value]) => `${name}: ${value}`);
        return [`HTTP/1.1 ${status} ${reason}`, ...lines, 'Connection: close', '', body].join('\r\n');
    };
    return {
        rawProblem,
        refuse: (res, code) => {
            const body = problemBody(code);
            res.shouldKeepAlive = false;
            res.writeHead(problems[code].status, headersOf(code, body));
            res.end(body);
        },
        onClientError: (error, socket) => {
            const begun = socket._httpMessage?.headersSent === true;
            if (!socket.writable || begun || error.code === 'ECONNRESET') {
                socket.destroy();
                return;
            }
            const [status, reason] = error.code === 'HPE_HEADER_OVERFLOW'
                ? ['431', 'Request Header Fields Too Large']
                : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
                    ? ['408', 'Request Timeout']
                    : ['400', 'Bad Request'];
            socket.end(rawProblem('invalid_request', status, reason), () => socket.destroy());
        },
    };
}
function problemBody(code) {
    const { status, title } = problems[code];
    return JSON.stringify({ type: `urn:gatehouse:problem:${code}`, title, status, code });
}
function problemHeaders(code, body) {
    return {
        'Content-Type': 'application/problem+json',
        'Content-Length': String(Buffer.byteLength(body)),
        'X-Gatehouse-Error': code,
        ...(code === 'method_not_allowed' ? { Allow: methods } : {}),
    };
}
