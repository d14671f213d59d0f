import type { Configuration } from './config/configuration.js';
import type { Environment, Variables } from './config/environment.js';
import { createAddresses } from './config/addresses.js';
import type { Log } from './log/log.js';
import type { Definition, Definitions } from './providers/definition.js';
import { extend, isAnyConfigured, layer } from './providers/registry.js';
import { inEnvironment } from './providers/resolve.js';
import { variable } from './providers/variable.js';
import type { Sandbox } from './sandbox/sandbox.js';

/** The sandbox runs when asked for, or in development when no provider is configured. */
export async function startSandboxIfWanted(
  configuration: Configuration,
  environment: Environment,
  definitions: Definitions,
  log: Log,
  now: () => number,
): Promise<Sandbox | undefined> {
  const asked = configuration.sandboxProviders;
  const wanted = configuration.sandbox ?? (asked.length > 0 || !isAnyConfigured(definitions, environment));
  for (const id of asked.filter((id) => !definitions.has(id)))
    environment.refuse(
      'SANDBOX_PROVIDERS',
      `there is no provider ${id}`,
      'Name entries of the catalogue or of PROVIDERS_DIR.',
    );
  if (!wanted || configuration.production || environment.problems.length > 0) return undefined;
  const { hasOwnEmulator, startSandbox } = await import('./sandbox/sandbox.js');
  const pack = asked.flatMap((id) => (hasOwnEmulator(id) ? [] : (definitions.get(id)?.definition ?? [])));
  const { redirectUri } = createAddresses(configuration);
  const chosen = [...definitions.keys()].flatMap((id) => {
    const name = environment.text(variable(id, 'ENVIRONMENT'));
    return name === undefined ? [] : [[id, name] as const];
  });
  const sandbox = await startSandbox({
    host: configuration.host,
    port: configuration.sandboxPort,
    redirectUri,
    pack,
    environments: Object.fromEntries(chosen),
    now,
    log: (event, fields) => log.debug(`sandbox.${event}`, fields ?? {}),
  });
  admitOwnClients(sandbox, environment, definitions, redirectUri);
  return sandbox;
}

/** A provider file of the operator's own may name one of the emulators as its server: its client is registered there. */
function admitOwnClients(
  sandbox: Sandbox,
  environment: Environment,
  definitions: Definitions,
  redirectUri: (id: string) => string,
): void {
  for (const id of definitions.keys()) {
    const clientId = environment.text(variable(id, 'CLIENT_ID'));
    const definition = clientId === undefined ? undefined : definitions.get(id)?.definition;
    if (clientId === undefined || !definition) continue;
    const chosen = environment.text(variable(id, 'ENVIRONMENT')) ?? definition.default_environment ?? undefined;
    const { issuer, endpoints } = inEnvironment(definition, chosen ?? onlyEnvironment(definition));
    const address = issuer ?? endpoints?.token;
    if (!address) continue;
    const secret = environment.secret(variable(id, 'CLIENT_SECRET'));
    sandbox.admit(address, { id: clientId, secret, redirectUri: redirectUri(id) });
  }
}

function onlyEnvironment({ environments }: Definition['definition']): string | undefined {
  const [only, ...others] = Object.keys(environments ?? {});
  return others.length === 0 ? only : undefined;
}

/** Lays the sandbox's addresses over the definitions that have no client of the operator's own. */
export function withSandbox(
  definitions: Definitions,
  env: Variables,
  environment: Environment,
  sandbox: Sandbox | undefined,
): [Definitions, Environment] {
  if (!sandbox) return [definitions, environment];
  const laid = new Map<string, Definition>();
  const text: Environment['text'] = (name) => environment.text(name) ?? sandbox.environment[name];
  const secret: Environment['secret'] = (name) => environment.secret(name) ?? sandbox.environment[name];
  for (const over of sandbox.providers) {
    const known = definitions.get(over.id);
    const ownClient = env[variable(over.id, 'CLIENT_ID')] ?? env[variable(over.id, 'OFFERED')];
    if (known && ownClient === undefined)
      laid.set(over.id, { ...known, definition: extend(known.definition, over), file: `sandbox (${over.id})` });
  }
  const { own } = definitions;
  return [Object.assign(layer(definitions, laid), own && { own }), { ...environment, text, secret }];
}
