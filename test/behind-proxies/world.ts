import { once } from 'node:events';
import {
  request,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { request as requestOverTls } from 'node:https';
import { connectOrFail, startSessionWorld, type SessionWorld } from '../session/session-world.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { readBody } from '../world/listen.js';
import { makeCertificate, type Certificate } from './certificate.js';
import { startReverseProxy, type ProxyName, type ReverseProxy } from './proxies.js';

export const host = 'connect.example.com';

export interface ProxiedWorld {
  session: SessionWorld;
  proxy: ReverseProxy;
  certificate: Certificate;
  /** A new browser that reaches PUBLIC_URL through the proxy, over TLS. */
  browser(): Browser;
  connected(): Promise<Browser>;
  /** A request on its way through the proxy, whose body and answer can be taken piece by piece. */
  open(given: RawRequest): { outgoing: ClientRequest; answer: Promise<IncomingMessage> };
  /** The same, whole. */
  ask(given: RawRequest, body?: Buffer): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }>;
  /** Resolves with the lines that the proxy wrote. */
  close(): Promise<string[]>;
}

export interface RawRequest {
  method?: string;
  path: string;
  headers?: OutgoingHttpHeaders;
  /** Whose cookie goes with it. */
  browser?: Browser;
  /** The client's own address, of the loopback network. */
  from?: string;
  /** To the server itself, past the proxy. */
  direct?: boolean;
}

export interface ProxiedWorldOptions {
  /** The path of PUBLIC_URL: '' or '/path'. */
  path?: string;
  stripped?: boolean;
  /** TRUST_PROXY. */
  trusted?: string;
}

/** The server over a real Redis, behind a real proxy that ends TLS, with the provider `acme`. */
export async function startProxiedWorld(
  name: ProxyName,
  { path = '', stripped = false, trusted = '127.0.0.1' }: ProxiedWorldOptions = {},
): Promise<ProxiedWorld> {
  const session = await startSessionWorld({ PUBLIC_URL: `https://${host}${path}`, TRUST_PROXY: trusted });
  const certificate = makeCertificate(host);
  const proxy = await startReverseProxy(name, { port: session.app.port, path, stripped, certificate });
  const browser = () =>
    createBrowser(`https://${host}${path}/`, {
      routes: { [`https://${host}`]: proxy.https, [`http://${host}`]: proxy.http },
      authority: certificate.text,
    });
  const open: ProxiedWorld['open'] = ({
    method = 'GET',
    path: asked,
    headers = {},
    browser: owner,
    from,
    direct = false,
  }) => {
    const cookie = owner?.cookieHeader();
    const outgoing = (direct ? request : requestOverTls)({
      ...(direct ? {} : { servername: host, ca: certificate.text }),
      maxHeaderSize: 65_536,
      host: '127.0.0.1',
      port: direct ? session.app.port : new URL(proxy.https).port,
      method,
      path: asked,
      agent: false,
      headers: { host, 'x-csrf': '1', ...(cookie && { cookie }), ...headers },
      ...(from === undefined ? {} : { localAddress: from }),
    });
    const answer = once(outgoing, 'response').then(([response]) => response as IncomingMessage);
    answer.catch(() => undefined);
    return { outgoing, answer };
  };
  return {
    session,
    proxy,
    certificate,
    browser,
    connected: async () => {
      const made = browser();
      await connectOrFail(made, 'acme');
      return made;
    },
    open,
    async ask(given, body) {
      const { outgoing, answer } = open(given);
      outgoing.end(body);
      const response = await answer;
      return { status: response.statusCode ?? 0, headers: response.headers, body: await readBody(response) };
    },
    async close() {
      const lines = await proxy.stop();
      await session.close();
      certificate.remove();
      return lines;
    },
  };
}
