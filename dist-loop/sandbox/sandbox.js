import { createServer } from 'node:http';
import { createAuthorizations } from './authorizations.js';
import { createCalls } from './calls.js';
import { createClients } from './clients.js';
import { movableClock } from './clock.js';
import { createConsents } from './consents.js';
import { createControl } from './control.js';
import { createKeys } from './keys.js';
import { providerOverrides } from './provider-overrides.js';
import { clientEnvironment, registerClients } from './register-clients.js';
import { createSignIns } from './sign-ins.js';
import { createSwitches } from './switches.js';
import { sandboxApp } from './sandbox-app.js';
/** Starts the emulators of all providers on one listener. Everything lives in memory and ends with it. */
export async function startSandbox(options) {
    const server = createServer();
    await new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(options.port ?? 3100, options.host ?? '127.0.0.1', resolve);
    });
    const { port } = server.address();
    const publicUrl = withoutSlash(options.publicUrl ?? `http://127.0.0.1:${port}`);
    const clock = movableClock(options.now ?? Date.now);
    const world = {
        publicUrl,
        internalUrl: withoutSlash(options.internalUrl ?? publicUrl),
        clock,
        switches: createSwitches(),
        calls: createCalls(),
        clients: createClients(),
        authorizations: createAuthorizations(clock),
        consents: createConsents(),
        signIns: createSignIns(),
        keys: await createKeys(),
        log: options.log ?? (() => undefined),
    };
    const registered = registerClients(world.clients, options.redirectUri);
    const control = createControl(world);
    server.on('request', sandboxApp(world, control));
    world.log('started', { url: publicUrl });
    return {
        url: publicUrl,
        providers: providerOverrides(world),
        environment: clientEnvironment(registered),
        control,
        close: () => new Promise((resolve, reject) => {
            server.close((error) => (error ? reject(error) : resolve()));
            server.closeAllConnections();
        }),
    };
}
function withoutSlash(url) {
    return url.replace(/\/+$/, '');
}
