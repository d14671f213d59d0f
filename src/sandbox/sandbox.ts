import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProviderFile } from '../providers/schema.js';
import { variable } from '../providers/variable.js';
import { admit, type AdmittedClient } from './admit.js';
import { createAuthorizations } from './state/authorizations.js';
import { createCalls } from './state/calls.js';
import { createClients } from './state/clients.js';
import { movableClock } from './state/clock.js';
import { createConsents } from './state/consents.js';
import { createControl, type SandboxControl } from './control/control.js';
import { createKeys } from './state/keys.js';
import { moveToSandbox } from './pack/addresses.js';
import { createEmulator, secretVariables } from './pack/emulator.js';
import { issueKeys, takesKeys } from './pack/keys.js';
import { providerIds } from './provider-ids.js';
import { providerOverrides } from './provider-overrides.js';
import { clientEnvironment, registerClients, type WantedEnvironments } from './register-clients.js';
import { createSignIns } from './state/sign-ins.js';
import { createSwitches } from './control/switches.js';
import { sandboxApp } from './sandbox-app.js';
import type { World } from './state/world.js';

export { hasOwnEmulator } from './provider-ids.js';

export interface SandboxOptions {
  readonly host?: string;
  /** 0: any free port. */
  readonly port?: number;
  /** How browsers reach the sandbox; http://127.0.0.1:PORT if not given. */
  readonly publicUrl?: string;
  /** How the client's server reaches it; `publicUrl` if not given. */
  readonly internalUrl?: string;
  /** The callback to register for a provider's client. */
  readonly redirectUri: (providerId: string) => string;
  /** Provider files to be played beside the emulators of their own; none starts unless it is named here. */
  readonly pack?: readonly ProviderFile[];
  /** Environments whose clients `environment` names, by provider id. */
  readonly environments?: WantedEnvironments;
  /** Told of plain events such as `token`, with a provider and a status; never of a secret. */
  readonly log?: (event: string, fields?: Record<string, string | number | boolean>) => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface Sandbox {
  readonly url: string;
  /** Laid over the catalogue's entries, they point every endpoint at this sandbox. */
  readonly providers: ProviderFile[];
  /** The clients' ids and secrets as environment variables. */
  readonly environment: Record<string, string>;
  readonly control: SandboxControl;
  /** Test keys of providers without an authorization server, by provider id. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
  /**
   * Registers a client of the operator's own at the emulator that this address belongs to. False where it is none of them.
   */
  readonly admit: (address: string, client: AdmittedClient) => boolean;
  readonly close: () => Promise<void>;
}

/** Starts the emulators of all providers on one listener. Everything lives in memory and ends with it. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 3100, options.host ?? '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const publicUrl = withoutSlash(options.publicUrl ?? `http://127.0.0.1:${port}`);
  const clock = movableClock(options.now ?? Date.now);
  const emulators = (options.pack ?? []).map((file) => createEmulator(file, options.environments?.[file.id]));
  const providers = [...providerIds, ...emulators.map(({ id }) => id)];
  const world: World = {
    publicUrl,
    internalUrl: withoutSlash(options.internalUrl ?? publicUrl),
    providers,
    clock,
    switches: createSwitches(providers),
    calls: createCalls(providers),
    clients: createClients(),
    authorizations: createAuthorizations(clock),
    consents: createConsents(),
    signIns: createSignIns(),
    keys: await createKeys(),
    log: options.log ?? (() => undefined),
  };
  const keyed = new Set(emulators.filter(takesKeys).map(({ id }) => id));
  const hasClient = ({ provider }: { provider: string }) => !keyed.has(provider);
  const registered = registerClients(world.clients, providers, options.redirectUri);
  const control = createControl(world);
  server.on('request', sandboxApp(world, control, emulators));
  world.log('started', { url: publicUrl });
  return {
    url: publicUrl,
    providers: [...providerOverrides(world), ...emulators.map(({ definition }) => moveToSandbox(definition, world))],
    environment: {
      ...clientEnvironment(registered.filter(hasClient), options.environments),
      ...Object.fromEntries(emulators.flatMap((emulator) => Object.entries(secretVariables(emulator)))),
      ...Object.fromEntries(emulators.filter(takesKeys).map(({ id }) => [variable(id, 'OFFERED'), 'true'])),
    },
    keys: Object.fromEntries(emulators.map((emulator) => [emulator.id, issueKeys(world, emulator)])),
    control,
    admit: (address, client) => admit(world, address, client),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
