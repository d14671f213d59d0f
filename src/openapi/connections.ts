import type { ProblemCode } from '../errors.js';
import { bodyProblems, failures, json } from './answers.js';
import type { Paths } from './operation.js';
import { csrfHeader, jsonBody, provider, query } from './parameters.js';
import { object, oneOf, textOrNull } from './schema.js';

const tags = ['Connections'];
const proof = ['csrf_required', 'origin_not_allowed'] as const satisfies readonly ProblemCode[];
/** What can stand between a session and a usable access token. */
export const unusable = [
  'login_required',
  'not_connected',
  'reauth_required',
  'provider_misconfigured',
  'refresh_unavailable',
  'store_unavailable',
] as const satisfies readonly ProblemCode[];
const unlisted = [
  'scope_missing',
  'unknown_provider',
  'not_found',
  'rate_limited',
  'upstream_busy',
  'upstream_unreachable',
  'upstream_invalid_response',
] as const satisfies readonly ProblemCode[];

export const connectionPaths: Paths = {
  '/api/connections': {
    get: {
      operationId: 'connections',
      tags,
      summary: 'Every available provider, and whether it is connected',
      security: [{ session: [] }, {}],
      responses: { 200: json('All of them', 'Connections'), ...failures(['store_unavailable']) },
    },
  },
  '/api/connections/{provider}': {
    get: {
      operationId: 'connection',
      tags,
      summary: 'One of them',
      parameters: [provider],
      security: [{ session: [] }, {}],
      responses: { 200: json('The connection', 'Connection'), ...failures(['unknown_provider', 'store_unavailable']) },
    },
    delete: {
      operationId: 'disconnect',
      tags,
      summary: 'Disconnect',
      description: 'Deletes the connection first, then revokes at the provider. Also succeeds if nothing is connected.',
      parameters: [provider, csrfHeader, query('revoke', 'false only forgets here', oneOf(['true', 'false']))],
      security: [{ session: [] }, {}],
      responses: {
        200: json('It is forgotten', 'Revocation'),
        ...failures(['invalid_request', ...proof, 'unknown_provider', ...bodyProblems, 'store_unavailable']),
      },
    },
  },
  '/api/connections/{provider}/refresh': {
    post: {
      operationId: 'refresh',
      tags,
      summary: 'Refresh the access now',
      parameters: [provider, csrfHeader],
      security: [{ session: [] }],
      responses: {
        200: json('The refreshed connection', 'Connection'),
        ...failures([
          'invalid_request',
          ...unusable,
          ...proof,
          'unknown_provider',
          'not_refreshable',
          'rate_limited',
          ...bodyProblems,
        ]),
      },
    },
  },
  '/api/connections/{provider}/organizations': {
    get: {
      operationId: 'organizations',
      tags,
      summary: 'The organizations that the provider lists, and the chosen one',
      parameters: [provider],
      security: [{ session: [] }],
      responses: { 200: json('The list', 'Organizations'), ...failures([...unusable, ...unlisted, 'access_denied']) },
    },
  },
  '/api/connections/{provider}/organization': {
    put: {
      operationId: 'chooseOrganization',
      tags,
      summary: 'Choose an organization',
      parameters: [provider, csrfHeader],
      requestBody: jsonBody(object({ id: textOrNull('An id of the list; null is the personal account') })),
      security: [{ session: [] }],
      responses: {
        200: json('The connection', 'Connection'),
        ...failures(['invalid_request', ...unusable, ...proof, ...unlisted, 'access_denied', ...bodyProblems]),
      },
    },
  },
};
