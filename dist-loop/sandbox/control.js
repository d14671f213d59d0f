import { providerIds } from './provider-ids.js';
import { realms } from './register-clients.js';
export function createControl(world) {
    const { clock, switches, calls, clients, authorizations } = world;
    const clientsOf = (provider) => clients.all().filter((client) => client.provider === provider);
    const grantsOf = (provider) => authorizations.all().filter(({ alive, client }) => alive && client.provider === provider);
    const stateOf = (provider) => ({
        faults: switches.of(provider),
        calls: calls.all()[provider],
        grants: grantsOf(provider).length,
        clients: clientsOf(provider).map(({ id, realm, secret, approved, redirectUris }) => ({
            id,
            realm,
            public: secret === undefined,
            approved,
            redirect_uris: redirectUris,
        })),
    });
    return {
        set: (provider, faults) => switches.set(provider, faults),
        reset() {
            for (const part of [switches, clock, calls, world.signIns, world.consents])
                part.reset();
        },
        advance: (seconds) => clock.advance(seconds),
        revoke(provider) {
            const grants = grantsOf(provider);
            for (const grant of grants) {
                grant.alive = false;
                if (grant.person)
                    world.consents.forget(grant.person.id, grant.client.id);
            }
            return grants.length;
        },
        calls: () => calls.all(),
        state: () => ({
            clock: { now: new Date(clock.now()).toISOString(), ahead_seconds: clock.ahead() },
            providers: Object.fromEntries(providerIds.map((id) => [id, stateOf(id)])),
        }),
        addClient(wish) {
            const realm = wish.realm ?? realms[wish.provider][0];
            if (!realms[wish.provider].includes(realm))
                return undefined;
            return clients.register({
                provider: wish.provider,
                realm,
                redirectUris: wish.redirectUri === undefined ? [] : [wish.redirectUri],
                approved: wish.approved ?? true,
                ...(wish.public ? { secret: undefined } : {}),
                ...(wish.provider === 'request-finance-m2m' ? { grantTypes: ['client_credentials'] } : {}),
            });
        },
        approve(clientId, approved) {
            const client = clients.all().find(({ id }) => id === clientId);
            if (client)
                client.approved = approved;
            return client;
        },
        clients: clientsOf,
    };
}
