import { failures } from './answers.js';
import { provider } from './parameters.js';
export const webhookPaths = {
    '/webhooks/{provider}': {
        post: {
            operationId: 'webhook',
            tags: ['Webhooks'],
            summary: 'An event of the provider',
            description: "The provider's signature over the raw body is the only credential; its header is named in the provider file. The event is passed on to the operator's address, once.",
            parameters: [provider],
            requestBody: { required: true, content: { 'application/json': { schema: {} } } },
            security: [],
            responses: {
                204: { description: 'Passed on, now or before' },
                ...failures([
                    'invalid_request',
                    'signature_invalid',
                    'unknown_provider',
                    'not_found',
                    'body_too_large',
                    'upstream_unreachable',
                    'store_unavailable',
                ]),
            },
        },
    },
};
