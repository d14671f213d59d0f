import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { startApp, type App } from '../world/app.js';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startMisbehaving } from '../world/misbehaving.js';
import { createProvidersDirectory } from '../world/providers-directory.js';
import { rawClient } from './harness.js';
import { seenAnswers, type SeenAnswer } from './seen-answers.js';

/** One request as it reached the API, byte for byte (Latin-1). */
export interface ReachedRequest {
  line: string;
  headers: string[];
  body: string;
  socket: Socket;
}

export interface RawWorld {
  app: App;
  port: number;
  /** What reached the API, but for the list of organizations. */
  reached: ReachedRequest[];
  /** Their request lines. */
  lines(): string[];
  /** A person who is connected to `acme`, with the organization that was chosen. */
  person(organization?: string): Promise<RawPerson>;
  /** Sends these bytes and returns the answers, once the connection is closed. */
  send(bytes: string): Promise<SeenAnswer[]>;
  close(): Promise<void>;
}

export interface RawPerson {
  browser: Browser;
  /** The header lines that make a call this person's. */
  identity: string;
  token: string;
}

/** What the API answers to a request; undefined: it says who asked and for what. */
export type RawAnswer = (request: ReachedRequest) => string | undefined;

/** The file's part below `api` and `organizations`. */
const more = (origin: string) => ({
  api: { base_url: `${origin}/v1`, headers: { 'X-Network': 'test' }, forward_request_headers: ['idempotency-key'] },
  organizations: {
    request: { path: '/organizations' },
    id: 'id',
    name: ['name'],
    header: 'X-Organization',
    refusal_status: [403],
  },
});

/** The whole server, and an API on bare sockets below it. */
export async function startRawWorld(answer: RawAnswer = () => undefined): Promise<RawWorld> {
  const reached: ReachedRequest[] = [];
  const sockets = new Set<Socket>();
  const api = createServer((socket) => {
    let bytes = '';
    sockets.add(socket.on('error', () => undefined).once('close', () => sockets.delete(socket)));
    socket.on('data', (chunk) => {
      bytes += chunk.toString('latin1');
      for (let next = firstRequest(bytes); next !== undefined; next = firstRequest(bytes)) {
        bytes = bytes.slice(next.length);
        const request = { ...next.request, socket };
        if (request.line.startsWith('GET /v1/organizations '))
          socket.write(json('[{"id":"o1","name":"Acme"},{"id":"o2","name":"Biff"}]'));
        else {
          reached.push(request);
          const text = answer(request) ?? json(JSON.stringify([bearerOf(request), request.line.split(' ')[1]]));
          if (!socket.destroyed) socket.write(text, 'latin1');
        }
      }
    });
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
  const origin = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const server = await startMisbehaving();
  const directory = await createProvidersDirectory({
    acme: server.providerFile({ more: more(origin) }),
  });
  const app = await startApp({ PROVIDERS_DIR: directory.path, ...server.environment('acme') });
  return {
    app,
    port: app.port,
    reached,
    lines: () => reached.map(({ line }) => line),
    async person(organization) {
      const browser = createBrowser(app.url);
      await connect(browser, 'acme');
      if (organization !== undefined)
        await browser.api.put('/api/connections/acme/organization', { json: { id: organization } });
      const cookie = browser.cookieHeader() ?? '';
      const { text } = await browser.api.get('/proxy/acme/who');
      reached.length = 0;
      return {
        browser,
        identity: `Host: localhost:${app.port}\r\nX-CSRF: 1\r\nCookie: ${cookie}\r\n`,
        token: (JSON.parse(text) as string[])[0]!,
      };
    },
    send: async (bytes) => seenAnswers((await rawClient(app.port, bytes).closed).text, methodsOf(bytes)),
    async close() {
      await app.close();
      await Promise.all([server.close(), directory.remove()]);
      for (const socket of sockets) socket.destroy();
      api.close();
    },
  };
}

export function json(text: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
}

export function bearerOf({ headers }: ReachedRequest): string | undefined {
  return headers.find((line) => /^authorization: /i.test(line))?.slice('authorization: bearer '.length);
}

function methodsOf(bytes: string): string[] {
  return [...bytes.matchAll(/^([A-Z]+) \S+ HTTP\/1/gm)].map(([, method = '']) => method);
}

/** The request at the beginning of these bytes, as soon as it is whole. */
function firstRequest(bytes: string): { request: Omit<ReachedRequest, 'socket'>; length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [line = '', ...headers] = bytes.slice(0, end).split('\r\n');
  const rest = bytes.slice(end + 4);
  const find = (name: string) => headers.find((header) => header.toLowerCase().startsWith(`${name}: `));
  let length = Number(find('content-length')?.slice(16) ?? 0);
  if (find('transfer-encoding') !== undefined) {
    const last = /^(?:[0-9a-f]+\r\n[^]*?\r\n)*?0\r\n\r\n/i.exec(rest);
    if (last === null) return undefined;
    length = last[0].length;
  }
  if (rest.length < length) return undefined;
  return { request: { line, headers, body: rest.slice(0, length) }, length: end + 4 + length };
}
