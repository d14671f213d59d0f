import { failures, json, page, redirect } from './answers.js';
import { csrfHeaderOrToken, formBody, provider, query } from './parameters.js';
import { oneOf, text } from './schema.js';
import { unusable } from './connections.js';
const tags = ['Pages'];
const sent = [
    'invalid_request',
    'csrf_required',
    'origin_not_allowed',
    'unknown_provider',
    'body_too_large',
    'store_unavailable',
];
function shown(operationId, summary, codes, parameters = [provider]) {
    return {
        operationId,
        tags,
        summary,
        parameters: [...parameters, query('lang', 'The language of the page, kept for later', oneOf(['en', 'nb']))],
        security: [{ session: [] }, {}],
        responses: { 200: page('The page'), ...failures(codes, { html: true }) },
    };
}
/** What a person sees; the forms do what the calls under /api do. */
export const pagePaths = {
    '/': { get: shown('home', 'A card for every provider', ['store_unavailable'], []) },
    '/connections/{provider}': {
        get: shown('connectionPage', 'One connection, and its data', ['unknown_provider', 'store_unavailable']),
    },
    '/connections/{provider}/disconnect': {
        post: {
            operationId: 'disconnectByForm',
            tags,
            summary: 'Disconnect, from a form',
            parameters: [provider, csrfHeaderOrToken],
            requestBody: formBody({ revoke: oneOf(['true', 'false'], 'true where absent') }),
            security: [{ session: [] }, {}],
            responses: { 303: redirect('To the home page'), ...failures(sent, { html: true }) },
        },
    },
    '/connections/{provider}/organization': {
        post: {
            operationId: 'chooseOrganizationByForm',
            tags,
            summary: 'Choose an organization, from a form',
            parameters: [provider, csrfHeaderOrToken],
            requestBody: formBody({ organization: text('Its id; empty: the personal account') }),
            security: [{ session: [] }],
            responses: {
                303: redirect('To the page of the connection'),
                ...failures([
                    ...new Set([
                        ...sent,
                        ...unusable,
                        ...['scope_missing', 'not_found', 'upstream_unreachable', 'upstream_invalid_response'],
                    ]),
                ], { html: true }),
            },
        },
    },
    '/setup/{provider}': {
        get: shown('setup', 'What the operator has to do at the provider; in development only', [
            'unknown_provider',
            'not_found',
            'store_unavailable',
        ]),
    },
    '/openapi.json': {
        get: {
            operationId: 'openapi',
            tags,
            summary: 'This document',
            security: [],
            responses: { 200: json('OpenAPI 3.1', { type: 'object' }), ...failures(['store_unavailable']) },
        },
    },
    '/docs': { get: shown('docs', 'This document, for a person', ['store_unavailable'], []) },
};
