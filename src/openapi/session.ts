import { bodyProblems, failures, json, pageOrJson, redirect } from './answers.js';
import type { Paths } from './operation.js';
import { csrfHeader, csrfHeaderOrToken, formBody, jsonBody, provider } from './parameters.js';
import { named, object, seconds, text } from './schema.js';

const tags = ['Session'];

export const sessionPaths: Paths = {
  '/api/session': {
    get: {
      operationId: 'session',
      tags,
      summary: 'The session and its connections',
      description: 'The first request of a single-page application. Without a session the response has the same shape.',
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
        'Another user than before first ends the old session, with all its connections. The assertion is a JWT with sub, aud and exp, signed by the application, and is accepted once.',
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
  '/api/session/nonce': {
    post: {
      operationId: 'nonce',
      tags,
      summary: 'A nonce of this browser for the next owner assertion',
      description: 'Where connections belong to people, an assertion must carry one. It is used once.',
      parameters: [csrfHeader],
      security: [{ session: [] }, {}],
      responses: {
        200: json('The nonce', object({ nonce: text(), expires_in: seconds('Seconds that it holds') })),
        ...failures([
          'invalid_request',
          'csrf_required',
          'origin_not_allowed',
          'not_found',
          ...bodyProblems,
          'store_unavailable',
        ]),
      },
    },
  },
  '/session/owner': {
    post: {
      operationId: 'bindOwnerByForm',
      tags,
      summary: "Bind the session to the embedding application's user, from a form of the application",
      description: 'Taken from our own origin and from ALLOWED_ORIGINS alone.',
      requestBody: formBody({
        assertion: text('JWT (RFC 7519)'),
        return_to: text('Where the person goes next: a path of this application, or an address of an allowed origin'),
      }),
      security: [{ session: [] }, {}],
      responses: {
        303: redirect('To return_to, or to the home page'),
        ...failures(
          [
            ...(['invalid_request', 'invalid_return_to', 'login_required', 'origin_not_allowed', 'not_found'] as const),
            ...bodyProblems,
            'store_unavailable',
            'owner_keys_unavailable',
          ],
          { html: true },
        ),
      },
    },
  },
  '/connect/{provider}/backchannel-logout': {
    post: {
      operationId: 'backchannelLogout',
      tags,
      summary: 'A person logged out at the provider where they signed in',
      description:
        'OpenID Connect Back-Channel Logout 1.0. The sessions end that were signed in by the sid or the sub of the token; their connections stay. The signature of the provider is the only credential, and each token is accepted once. Only where connections belong to people.',
      parameters: [provider],
      requestBody: {
        required: true,
        content: {
          'application/x-www-form-urlencoded': { schema: object({ logout_token: text('JWT (section 2.4)') }) },
        },
      },
      security: [],
      responses: {
        200: { description: 'The sessions have ended, if there were any' },
        400: json(
          'The request is refused (section 2.8)',
          object({ error: { const: 'invalid_request' }, error_description: text() }),
        ),
        ...failures([
          'unknown_provider',
          'not_found',
          'rate_limited',
          'provider_misconfigured',
          'discovery_pending',
          'store_unavailable',
        ]),
      },
    },
  },
  '/logout': {
    post: {
      operationId: 'logout',
      tags,
      summary: 'End the session and every connection in it',
      description: 'Deletes the session first, then revokes at the providers. Also succeeds without a session.',
      parameters: [csrfHeaderOrToken],
      requestBody: formBody({
        return_to: text('Where the person goes next: a path of this application, or an address of an allowed origin'),
      }),
      security: [{ session: [] }, {}],
      responses: {
        200: pageOrJson(
          'Where Accept names application/json, or a page that offers to log out at the provider, too',
          named('Revocations'),
        ),
        303: redirect('To return_to, or to the home page'),
        ...failures(
          [
            'invalid_request',
            'invalid_return_to',
            'csrf_required',
            'origin_not_allowed',
            ...bodyProblems,
            'store_unavailable',
          ],
          {
            html: true,
          },
        ),
      },
    },
  },
};
