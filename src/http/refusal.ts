import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { problems, type ProblemCode } from '../errors.js';
import { usualMethods } from './methods.js';
import { problemBody, problemType } from './problem.js';
import { newRequestId } from './request-id.js';
import { ownHeaders } from './own-headers.js';

/** Header lines that are read; Node drops the rest silently, so that a request with as many is refused. */
export const maxHeaders = 200;

/** What no route is asked about; it also turns an absolute-form target into its path, since one authority is served. */
export function refusalOf(req: IncomingMessage): ProblemCode | undefined {
  if (req.method === 'TRACE') return 'method_not_allowed';
  const { rawHeaders } = req;
  if (rawHeaders.length >= maxHeaders * 2) return 'invalid_request';
  const hosts = countOfHost(rawHeaders);
  // RFC 9112 section 3.2.
  if (hosts > 1 || (hosts === 0 && req.httpVersion === '1.1')) return 'invalid_request';
  if (req.httpVersionMajor !== 1) return 'invalid_request';
  // A server in front of us that takes HTTP/1.0 at its word sees another end of the body (RFC 9112 section 6.1).
  if (req.httpVersionMinor === 0 && req.headers['transfer-encoding'] !== undefined) return 'invalid_request';
  if (isWebSocket(req)) return 'invalid_request';
  if (!meetsExpectations(req)) return 'expectation_failed';
  const target = req.url ?? '';
  if (target.startsWith('/') || target === '*') return undefined;
  const path = /^https?:\/\/[^/?#]+(.*)$/i.exec(target)?.[1];
  if (path === undefined) return 'invalid_request';
  req.url = path.startsWith('/') ? path : `/${path}`;
  return undefined;
}

/**
 * Another protocol may be offered and is left alone (RFC 9110 section 7.8): Java's client offers `h2c` with every request. A
 * WebSocket cannot begin as an ordinary request, so that its client is refused instead of being misled.
 */
function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.split(',').some((protocol) => /^\s*websocket\b/i.test(protocol)) === true;
}

/** Each member of the list must be known (RFC 9110 section 10.1.1); HTTP/1.0 has no expectations. */
function meetsExpectations({ headers: { expect }, httpVersionMinor }: IncomingMessage): boolean {
  if (expect === undefined || httpVersionMinor === 0) return true;
  const members = expect.split(',').map((member) => member.trim().toLowerCase());
  return members.every((member) => member === '100-continue' || member === '');
}

function countOfHost(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}

/** The answers that are made before any route is asked. */
export interface Refusals {
  refuse(res: ServerResponse, code: ProblemCode): void;
  /** The whole answer as text, for connections on which there is no response object. */
  rawProblem(code: ProblemCode): string;
  /** Requests that are no HTTP, or too large, or too slow: a clean answer where none has begun, and the end. */
  onClientError(error: Error & { code?: string }, socket: Socket & { _httpMessage?: ServerResponse | null }): void;
}

/** `https`: whether browsers come by TLS. */
export function createRefusals(https: boolean): Refusals {
  const headersOf = (code: ProblemCode, body: string, id: string) => ({
    ...ownHeaders(https),
    ...problemHeaders(code, body),
    'X-Request-Id': id,
  });

  const rawProblem: Refusals['rawProblem'] = (code) => {
    const { status } = problems[code];
    const id = newRequestId();
    const body = bodyOf(code, id);
    const lines = Object.entries(headersOf(code, body, id)).map(([name, value]) => `${name}: ${value}`);
    return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, 'Connection: close', '', body].join('\r\n');
  };

  const waiting = new WeakSet<Socket>();
  /** What came before the unreadable bytes was whole, and is answered first. */
  const afterTheAnswer = (answer: ServerResponse, error: Error, socket: Socket): void => {
    if (waiting.has(socket)) return;
    waiting.add(socket);
    answer.once('finish', () => {
      waiting.delete(socket);
      onClientError(error, socket);
    });
  };

  const onClientError: Refusals['onClientError'] = (error, socket) => {
    const answer = socket._httpMessage;
    if (!socket.writable || error.code === 'ECONNRESET') socket.destroy();
    else if (answer?.req.complete === true) afterTheAnswer(answer, error, socket);
    else if (answer?.headersSent === true) socket.destroy();
    else socket.end(rawProblem(codeOf(error.code)), () => socket.destroy());
  };

  return {
    rawProblem,
    onClientError,
    refuse: (res, code) => {
      const id = newRequestId();
      const { status } = problems[code];
      const body = bodyOf(code, id);
      res.shouldKeepAlive = false;
      res.writeHead(status, headersOf(code, body, id));
      res.end(body);
    },
  };
}

/** RFC 6585 section 5; RFC 9110 sections 15.5.1, 15.5.9 and 15.5.14. */
function codeOf(errorCode: string | undefined): ProblemCode {
  if (errorCode === 'HPE_HEADER_OVERFLOW') return 'header_too_large';
  if (errorCode === 'ERR_HTTP_REQUEST_TIMEOUT') return 'request_timeout';
  return errorCode === 'HPE_CHUNK_EXTENSIONS_OVERFLOW' ? 'body_too_large' : 'invalid_request';
}

const details: Readonly<Partial<Record<ProblemCode, string>>> = {
  invalid_request: 'This is not a request of HTTP/1.1 that can be read in one way only.',
  request_timeout: 'The request did not arrive in time.',
  body_too_large: 'The chunk extensions of the body are too large.',
  header_too_large: 'The header of the request is larger than 16 KiB.',
};

function bodyOf(code: ProblemCode, id: string): string {
  return JSON.stringify(problemBody(code, details[code] ?? problems[code].title, id));
}

function problemHeaders(code: ProblemCode, body: string): Record<string, string> {
  return {
    'Content-Type': problemType,
    'Content-Length': String(Buffer.byteLength(body)),
    'X-Gatehouse-Error': code,
    ...(code === 'shutting_down' ? { 'Retry-After': '1' } : {}),
    ...(code === 'method_not_allowed' ? { Allow: usualMethods.join(', ') } : {}),
  };
}
