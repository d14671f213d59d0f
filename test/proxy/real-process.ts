import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createBrowser } from '../world/browser.js';
import { connect } from '../world/journey.js';
import { startMisbehaving } from '../world/misbehaving.js';
import { startProcess, type ServerProcess } from '../world/process.js';
import { createProvidersDirectory } from '../world/providers-directory.js';

/** The server as a process of its own, a person who is connected, and an API in front of which it stands. */
export interface RealProcess {
  server: ServerProcess;
  /** The lines of a header that make a call this person's. */
  identity: string;
  /** Connections from the server to the API that are open. */
  sockets: Set<Socket>;
  /** Bytes of memory that the process occupies now. */
  memory(): number;
  /** File descriptors that it holds. */
  descriptors(): number;
  close(): Promise<void>;
}

export async function startRealProcess(api: RequestListener): Promise<RealProcess> {
  const sockets = new Set<Socket>();
  const apiServer = createServer(api).listen(0, '127.0.0.1');
  apiServer.on('connection', (socket: Socket) => {
    sockets.add(socket.once('close', () => sockets.delete(socket)).on('error', () => undefined));
  });
  await once(apiServer, 'listening');
  const provider = await startMisbehaving();
  const apiBase = `http://127.0.0.1:${(apiServer.address() as AddressInfo).port}`;
  const directory = await createProvidersDirectory({ acme: provider.providerFile({ apiBase }) });
  const server = await startProcess({ PROVIDERS_DIR: directory.path, ...provider.environment() });
  const browser = createBrowser(server.url);
  await connect(browser, 'acme');
  const proc = `/proc/${server.child.pid ?? 0}`;
  return {
    server,
    sockets,
    identity: `Host: localhost:${server.port}\r\nX-CSRF: 1\r\nCookie: ${browser.cookieHeader() ?? ''}\r\n`,
    memory: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`${proc}/status`, 'utf8'))?.[1]) * 1024,
    descriptors: () => readdirSync(`${proc}/fd`).length,
    async close() {
      await server.stop();
      await Promise.all([provider.close(), directory.remove()]);
      apiServer.closeAllConnections();
      await new Promise((resolve) => apiServer.close(resolve));
    },
  };
}
