import { request } from 'node:http';
import { request as requestOverTls } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { readBody } from './listen.js';
import type { Answer, Outgoing } from './answer.js';
import { inspectAnswer } from './our-answers.js';

/**
 * Origins that are answered elsewhere: `{'https://app.test': 'http://127.0.0.1:4000'}` sends what is meant for the first
 * to the second with the first's Host header, as a terminating proxy does.
 */
export type Routes = Record<string, string>;

function toAnswer(url: URL, res: IncomingMessage, body: Buffer): Answer {
  const text = body.toString('utf8');
  const location = res.headers.location;
  return {
    url,
    status: res.statusCode ?? 0,
    headers: res.headers,
    rawHeaders: res.rawHeaders,
    setCookies: res.headers['set-cookie'] ?? [],
    body,
    text,
    get json(): unknown {
      return JSON.parse(text) as unknown;
    },
    ...(location !== undefined && URL.canParse(location, url.href) ? { location: new URL(location, url) } : {}),
  };
}

/**
 * One request, one answer, nothing followed, a connection of its own. Rejects when the connection breaks. `authority` is the
 * certificate to trust where a listener speaks TLS; the name asked for is the one of the address, not of the route.
 */
export function send(asked: Outgoing, routes: Routes = {}, authority?: string): Promise<Answer> {
  const { method, url, headers, body } = asked;
  const target = new URL(routes[url.origin] ?? url.origin);
  const tls = target.protocol === 'https:';
  if (tls && authority === undefined)
    throw new Error(`${url.origin} speaks TLS: give the browser a route to its listener, or its authority`);
  return new Promise((resolve, reject) => {
    const outgoing = (tls ? requestOverTls : request)({
      ...(tls && { servername: url.hostname, ca: authority }),
      method,
      host: target.hostname.replace(/^\[|\]$/g, ''),
      port: target.port || (tls ? 443 : 80),
      path: url.pathname + url.search,
      headers: {
        host: url.host,
        ...headers,
        ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
      },
      agent: false,
    });
    outgoing.once('error', reject);
    outgoing.once('response', (res) => {
      readBody(res)
        .then(async (bytes) => {
          const answer = toAnswer(url, res, bytes);
          await inspectAnswer(Number(target.port || 80), asked, answer);
          resolve(answer);
        })
        .catch(reject);
    });
    outgoing.end(body);
  });
}
