import type { ProblemCode } from '../errors.js';
import { bodyProblems, failures, json, nobody } from './answers.js';
import type { Paths } from './operation.js';
import { csrfHeader, jsonBody, key, query } from './parameters.js';
import { object, oneOf, textOrNull } from './schema.js';

const tags = ['Connections'];
const proof = ['csrf_required', 'origin_not_allowed'] as const satisfies readonly ProblemCode[];
/** What a key can turn out to name. */
export const named = ['unknown_connection', 'connection_ambiguous'] as const satisfies readonly ProblemCode[];
/** What can stand between a session and a usable access token. */
export const unusable = [
  ...nobody,
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
      summary: 'Every connection, and every available provider that has none',
      security: [{ session: [] }, {}],
      responses: { 200: json('All of them', 'Connections'), ...failures([...nobody, 'store_unavailable']) },
    },
  },
  '/api/connections/{key}': {
    get: {
      operationId: 'connection',
      tags,
      summary: 'One of them',
      parameters: [key],
      security: [{ session: [] }, {}],
      responses: {
        200: json('The connection', 'Connection'),
        ...failures([...nobody, 'unknown_provider', ...named, 'store_unavailable']),
      },
    },
    patch: {
      operationId: 'rename',
      tags,
      summary: 'Give a connection a name of your own',
      parameters: [key, csrfHeader],
      requestBody: jsonBody(object({ label: textOrNull('1 to 80 characters; null is the label of the account') })),
      security: [{ session: [] }],
      responses: {
        200: json('The connection', 'Connection'),
        ...failures([
          'invalid_request',
          ...([...nobody, 'not_connected', 'reauth_required', 'store_unavailable'] as const),
          ...proof,
          'unknown_provider',
          ...named,
          ...bodyProblems,
        ]),
      },
    },
    delete: {
      operationId: 'disconnect',
      tags,
      summary: 'Disconnect',
      description:
        'Deletes the connection first, then revokes at the provider. Named by its provider, it also succeeds if nothing is connected.',
      parameters: [key, csrfHeader, query('revoke', 'false only forgets here', oneOf(['true', 'false']))],
      security: [{ session: [] }, {}],
      responses: {
        200: json('It is forgotten', 'Revocation'),
        ...failures([
          ...(['invalid_request', ...nobody, 'unknown_provider', 'store_unavailable'] as const),
          ...proof,
          ...named,
          ...bodyProblems,
        ]),
      },
    },
  },
  '/api/connections/{key}/refresh': {
    post: {
      operationId: 'refresh',
      tags,
      summary: 'Refresh the access now',
      parameters: [key, csrfHeader],
      security: [{ session: [] }],
      responses: {
        200: json('The refreshed connection', 'Connection'),
        ...failures([
          'invalid_request',
          ...unusable,
          ...proof,
          'unknown_provider',
          ...named,
          'not_refreshable',
          'rate_limited',
          ...bodyProblems,
        ]),
      },
    },
  },
  '/api/connections/{key}/organizations': {
    get: {
      operationId: 'organizations',
      tags,
      summary: 'The organizations that the provider lists, and the chosen one',
      parameters: [key],
      security: [{ session: [] }],
      responses: {
        200: json('The list', 'Organizations'),
        ...failures([...unusable, ...unlisted, ...named, 'access_denied']),
      },
    },
  },
  '/api/connections/{key}/organization': {
    put: {
      operationId: 'chooseOrganization',
      tags,
      summary: 'Choose an organization',
      parameters: [key, csrfHeader],
      requestBody: jsonBody(object({ id: textOrNull('An id of the list; null is the personal account') })),
      security: [{ session: [] }],
      responses: {
        200: json('The connection', 'Connection'),
        ...failures([
          ...(['invalid_request', 'access_denied'] as const),
          ...unusable,
          ...proof,
          ...unlisted,
          ...named,
          ...bodyProblems,
        ]),
      },
    },
  },
};
