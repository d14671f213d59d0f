import { providerIds } from './provider-ids.js';
/** The servers of each provider that a client can be known to; the first is the one that the sandbox is set up for. */
export const realms = {
    'request-finance': ['request-finance'],
    'request-finance-m2m': ['request-finance'],
    invoiced: ['invoiced/sandbox', 'invoiced/production'],
    luca: ['luca'],
    'luca-v2': ['luca-v2'],
    financefeast: ['financefeast'],
};
/** One client for every realm of every provider, with secrets made now. */
export function registerClients(clients, redirectUri) {
    return providerIds.flatMap((provider) => realms[provider].map((realm) => provider === 'request-finance-m2m'
        ? clients.register({ provider, realm, grantTypes: ['client_credentials'] })
        : clients.register({ provider, realm, redirectUris: [redirectUri(provider)] })));
}
/** `REQUEST_FINANCE_CLIENT_ID` and so on, for the first realm of each provider. */
export function clientEnvironment(registered) {
    const named = registered.filter(({ provider, realm }) => realms[provider][0] === realm);
    return Object.fromEntries(named.flatMap(({ provider, id, secret }) => {
        const prefix = provider.toUpperCase().replaceAll('-', '_');
        return [
            [`${prefix}_CLIENT_ID`, id],
            [`${prefix}_CLIENT_SECRET`, secret ?? ''],
        ];
    }));
}
