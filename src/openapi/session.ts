import { bodyProblems, failures, json, redirect } from './answers.js';
import type { Paths } from './operation.js';
import { csrfHeader, csrfHeaderOrToken, formBody, jsonBody } from './parameters.js';
import { object, text } from './schema.js';

const tags = ['Session'];

export const sessionPaths: Paths = {
  '/api/session': {
    get: {
      operationId: 'session',
      tags,
      summary: 'The session and its connections',
      description: 'What a single-page application asks first. Without a session it answers the same shape.',
      security: [{ session: [] }, {}],
      responses: { 200: json('The session', 'Session'), ...failures(['store_unavailable']) },
    },
  },
  '/api/session/owner': {
    put: {
      operationId: 'bindOwner',
      tags,
      summary: "Bind the session to the embedding application's user",
      description:
        'Another user than before ends the old session first, with everything connected in it. The assertion is a JWT with sub, aud and exp, signed by the application, and is taken once.',
      parameters: [csrfHeader],
      requestBody: jsonBody(object({ assertion: text('JWT (RFC 7519)') })),
      security: [{ session: [] }, {}],
      responses: {
        200: json('The session', 'Session'),
        ...failures([
          'invalid_request',
          'login_required',
          'csrf_required',
          'origin_not_allowed',
          'not_found',
          ...bodyProblems,
          'store_unavailable',
          'owner_keys_unavailable',
        ]),
      },
    },
  },
  '/logout': {
    post: {
      operationId: 'logout',
      tags,
      summary: 'End the session and every connection in it',
      description: 'Forgets here first, then revokes at the providers. Succeeds without a session.',
      parameters: [csrfHeaderOrToken],
      requestBody: formBody({}),
      security: [{ session: [] }, {}],
      responses: {
        200: json('Where Accept names application/json', 'Revocations'),
        303: redirect('To the home page'),
        ...failures(['invalid_request', 'csrf_required', 'origin_not_allowed', ...bodyProblems, 'store_unavailable'], {
          html: true,
        }),
      },
    },
  },
};
