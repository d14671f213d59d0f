import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import type { ClientWish } from '../../src/sandbox/control/control.js';
import { startApp, testEnvironment, type App } from '../world/app.js';
import { clientEnvironment, createProvidersDirectory } from '../world/providers-directory.js';

export interface OwnFile {
  /** `SANDBOX` stands for the sandbox's address. */
  text: string;
  /** The sandbox's client that it is for. */
  client: ClientWish;
}

export interface OwnFilesWorld {
  app: App;
  sandbox: Sandbox;
  close(): Promise<void>;
}

/** The server with provider files of an operator, whose authorization servers are the sandbox's. */
export async function startOwnFiles(
  files: Record<string, OwnFile>,
  env: Record<string, string> = {},
): Promise<OwnFilesWorld> {
  const { PORT = '' } = await testEnvironment();
  const redirectUri = (id: string) => `http://localhost:${PORT}/connect/${id}/callback`;
  const started: { app?: App } = {};
  const sandbox = await startSandbox({ port: 0, redirectUri, now: () => started.app?.now() ?? Date.now() });
  const texts: Record<string, string> = {};
  const clients: Record<string, string> = {};
  for (const [id, { text, client }] of Object.entries(files)) {
    texts[id] = text.replaceAll('SANDBOX', sandbox.url);
    const made = sandbox.control.addClient({ redirectUri: redirectUri(id), ...client });
    Object.assign(clients, clientEnvironment(id, made?.id ?? '', made?.secret));
  }
  const directory = await createProvidersDirectory(texts);
  const app = await startApp({ PORT, PROVIDERS_DIR: directory.path, ...clients, ...env });
  started.app = app;
  return {
    app,
    sandbox,
    close: async () => {
      await app.close();
      await Promise.all([sandbox.close(), directory.remove()]);
    },
  };
}
