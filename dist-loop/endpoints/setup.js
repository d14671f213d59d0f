import { GatehouseError } from '../errors.js';
import { variable } from '../providers/variable.js';
import { offeredProvider } from './offered-provider.js';
/** GET /setup/:provider — what the operator has to do at the provider; in development only. */
export function setup({ registry, configuration, pages, addresses, }) {
    return (req, res) => {
        if (configuration.production)
            throw new GatehouseError('not_found', 'The set-up pages are for development.');
        const provider = offeredProvider(registry, req.params['provider']);
        const secretNeeded = provider.clientAuthentication !== 'none';
        res.type('html').send(pages.render(req, 'setup', {
            provider: { id: provider.id, name: provider.name },
            environment: provider.environment ?? null,
            environments: provider.environment === undefined ? [] : [provider.environment],
            redirect_uri: addresses.redirectUri(provider.id),
            variables: [
                { name: variable(provider.id, 'CLIENT_ID'), set: true, required: true },
                {
                    name: variable(provider.id, 'CLIENT_SECRET'),
                    set: provider.clientSecret !== undefined,
                    required: secretNeeded,
                },
            ],
            checklist: provider.documentation.checklist,
            documentation_url: provider.documentation.url ?? null,
        }));
    };
}
