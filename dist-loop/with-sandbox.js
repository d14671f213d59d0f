import { createAddresses } from './endpoints/addresses.js';
import { extend, isAnyConfigured } from './providers/registry.js';
import { variable } from './providers/variable.js';
/** The sandbox runs when asked for, or in development when no provider is configured. */
export async function startSandboxIfWanted(configuration, environment, definitions, log, now) {
    const wanted = configuration.sandbox ?? !isAnyConfigured(definitions, environment);
    if (!wanted || configuration.production || environment.problems.length > 0)
        return undefined;
    const { startSandbox } = await import('./sandbox/sandbox.js');
    const { redirectUri } = createAddresses(configuration);
    return startSandbox({
        host: configuration.host,
        port: configuration.sandboxPort,
        redirectUri,
        now,
        log: (event, fields) => log.debug(`sandbox.${event}`, fields ?? {}),
    });
}
/** Lays the sandbox's addresses over the definitions that have no client of the operator's own. */
export function withSandbox(definitions, env, environment, sandbox) {
    if (!sandbox)
        return [definitions, environment];
    const laid = new Map(definitions);
    const text = (name) => environment.text(name) ?? sandbox.environment[name];
    const secret = (name) => environment.secret(name) ?? sandbox.environment[name];
    for (const over of sandbox.providers) {
        const known = definitions.get(over.id);
        const ownClient = env[variable(over.id, 'CLIENT_ID')];
        if (known && ownClient === undefined)
            laid.set(over.id, { definition: extend(known.definition, over), file: `sandbox (${over.id})` });
    }
    return [laid, { ...environment, text, secret }];
}
