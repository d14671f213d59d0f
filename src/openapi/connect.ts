import type { ProblemCode } from '../errors.js';
import { bodyProblems, failures, json, page, pageOrJson, redirect, nobody } from './answers.js';
import { named as keyed, unusable } from './connections.js';
import type { Paths } from './operation.js';
import { csrfHeaderOrToken, formBody, provider, query } from './parameters.js';
import { named, object, oneOf, orNull, text, textOrNull } from './schema.js';

const tags = ['Connecting'];
const returnTo = 'Where the person comes back to: a path of this application, or an address of an allowed origin';
const popupId =
  'Started for a pop-up: 16 to 64 random letters, digits, - or _ by which the front end knows the attempt; it comes back to /popup';
const connection = 'The id of the connection to reconnect';
const as = 'new makes a further connection; without it the only one at the provider is reconnected';
const asked = 'The id of the connection that the question is about';
const reconsent = '1 asks the person for consent again';
const cannotStart = [
  'invalid_request',
  'invalid_return_to',
  'owner_required',
  'owner_expired',
  'unknown_connection',
  'connection_ambiguous',
  'too_many_connections',
  'origin_not_allowed',
  'unknown_provider',
  'account_mismatch',
  'variable_required',
  'rate_limited',
  'provider_misconfigured',
  'discovery_pending',
  'store_unavailable',
] as const satisfies readonly ProblemCode[];

/** With what code a known attempt may come back, in `connect_error`. */
export const connectErrors = [
  'access_denied',
  'too_many_connections',
  'invalid_request',
  'code_exchange_rejected',
  'interaction_required',
  'nonce_mismatch',
  'issuer_mismatch',
  'id_token_invalid',
  'state_unknown',
  'provider_misconfigured',
  'token_response_invalid',
  'upstream_unreachable',
  'upstream_invalid_response',
  'token_endpoint_unavailable',
  'discovery_pending',
  'store_unavailable',
  'internal_error',
] as const satisfies readonly ProblemCode[];

const back = `Back to return_to, with connected=<provider> and connection=<id>, or with request_id and connect_error, one of: ${connectErrors.join(', ')}`;

const popupOutcome = object({
  popup: text(),
  provider: text(),
  connection: textOrNull('The id of the connection'),
  error: orNull(named('ProblemCode')),
  status: { type: ['integer', 'null'], description: 'The HTTP status of that code' },
  request_id: textOrNull(),
});

const account = object({ subject: textOrNull('Names the account at the provider'), label: textOrNull() });
const waiting = object({
  provider: text(),
  connection: textOrNull('The id of the one that the sign-in was for'),
  account,
  replaces: orNull(account),
  waits: text('Given with the decision, it confirms this account and no later one'),
});

/** Of a key that was tried. */
const ofKeys = ['access_denied', 'upstream_unreachable', 'upstream_invalid_response', 'state_unknown'] as const;

export const connectPaths: Paths = {
  '/api/popups/{popup}': {
    get: {
      operationId: 'popupOutcome',
      tags,
      summary: 'How an attempt in a pop-up ended',
      description:
        "For a front end whose pop-up was cut off by the provider's opener policy. Only the browser that finished the attempt can read it: once, for two minutes.",
      parameters: [
        { name: 'popup', in: 'path', required: true, description: 'Its popup_id', schema: { type: 'string' } },
      ],
      security: [{}],
      responses: {
        200: json('The outcome, or null while there is none', object({ outcome: orNull(popupOutcome) })),
        ...failures(['store_unavailable']),
      },
    },
  },
  '/connect/{provider}': {
    get: {
      operationId: 'connectByLink',
      tags,
      summary: 'Connect, from a link',
      description:
        "Starts with a person's click: Gatehouse refuses prefetches, images and background requests. Gatehouse passes on the parameters that the provider file lets a caller set, and ignores others.",
      parameters: [
        provider,
        query('return_to', returnTo),
        query('connection', connection),
        query('as', as, { const: 'new' }),
        query('reconsent', reconsent),
      ],
      security: [{ session: [] }, {}],
      responses: {
        200: page('If another site led here, or several connections could be meant: a page that asks first'),
        302: redirect('To the authorization server'),
        ...failures([...cannotStart, 'not_a_navigation'], { html: true }),
      },
    },
    post: {
      operationId: 'connectByForm',
      tags,
      summary: 'Connect, from a form or a script',
      parameters: [provider, csrfHeaderOrToken],
      requestBody: formBody({
        return_to: text(returnTo),
        connection: text(connection),
        as: { const: 'new', description: as },
        reconsent: text(reconsent),
        popup_id: text(popupId),
        key: text(
          'With `grant: api_key`: the key that the person gave. Gatehouse tries it once; never send it in an address',
        ),
      }),
      security: [{ session: [] }, {}],
      responses: {
        200: pageOrJson(
          'If several connections could be meant: a page that asks which one. To a script that accepts JSON: the address to send the browser to',
          object({ authorize_url: { type: 'string', format: 'uri' } }),
        ),
        303: redirect('To the authorization server'),
        ...failures([...cannotStart, 'csrf_required', ...ofKeys, ...bodyProblems], { html: true }),
      },
    },
  },
  '/connect/{provider}/callback': {
    get: {
      operationId: 'callback',
      tags,
      summary: 'The return from the authorization server',
      description:
        'The redirect_uri registered at the provider. Gatehouse uses a response to an attempt of this browser once, whatever the outcome, and refuses any other.',
      parameters: [
        provider,
        query('state', 'As in the authorization request'),
        query('code', 'The authorization code'),
        query('error', 'In its place where the provider refused (RFC 6749 section 4.1.2.1)'),
        query('iss', 'The issuer (RFC 9207)'),
      ],
      security: [{}],
      responses: {
        303: redirect(`${back}. To the confirmation page, if the person must confirm the account first`),
        ...failures(['invalid_request', 'state_unknown', 'state_expired', 'unknown_provider', 'store_unavailable'], {
          html: true,
        }),
      },
    },
  },
  '/connect/{provider}/confirm': {
    get: {
      operationId: 'confirmPage',
      tags,
      summary: 'The account that is about to be stored',
      parameters: [provider],
      security: [{ session: [] }],
      responses: {
        200: pageOrJson('The page that names it; its members as JSON where Accept names application/json', waiting),
        ...failures(['state_unknown', 'unknown_provider', 'store_unavailable'], { html: true }),
      },
    },
    post: {
      operationId: 'confirm',
      tags,
      summary: 'Confirm the account, or cancel',
      parameters: [provider, csrfHeaderOrToken],
      requestBody: formBody({
        decision: oneOf(
          ['confirm', 'add', 'cancel'],
          'confirm where absent; add stores it beside the connection that it would replace',
        ),
        waits: text('As in the response that named the account; required from a form, and checked if present'),
      }),
      security: [{ session: [] }],
      responses: {
        303: redirect(
          'Back to return_to, with connected=<provider> and connection=<id>, or with connect_error=access_denied',
        ),
        ...failures(
          [
            'invalid_request',
            'state_unknown',
            'too_many_connections',
            'csrf_required',
            'origin_not_allowed',
            'unknown_provider',
            ...bodyProblems,
            'store_unavailable',
          ],
          { html: true },
        ),
      },
    },
  },
  '/connect/{provider}/organization': {
    get: {
      operationId: 'organizationPage',
      tags,
      summary: 'Asks once, after connecting, for which organization calls are made',
      parameters: [provider, query('return_to', returnTo), query('connection', asked)],
      security: [{ session: [] }],
      responses: {
        200: page('The page that asks'),
        303: redirect('To return_to, where nothing is left to ask'),
        ...failures(
          [
            ...(['invalid_return_to', ...nobody, 'unknown_provider', 'not_found', 'store_unavailable'] as const),
            ...keyed,
          ],
          { html: true },
        ),
      },
    },
    post: {
      operationId: 'answerOrganizationPage',
      tags,
      summary: 'Choose an organization after connecting, or leave it open',
      parameters: [provider, csrfHeaderOrToken],
      requestBody: formBody({
        organization: text('Its id; empty: the personal account'),
        decision: oneOf(['choose', 'skip'], 'choose where absent; skip where the provider demands no choice'),
        return_to: text(returnTo),
        connection: text(asked),
      }),
      security: [{ session: [] }],
      responses: {
        303: redirect('To return_to'),
        ...failures(
          [
            ...['invalid_request', 'invalid_return_to', 'scope_missing', 'csrf_required', 'origin_not_allowed'],
            ...['not_found', 'upstream_unreachable', 'upstream_invalid_response'],
            ...['unknown_provider'],
            ...keyed,
            ...unusable,
            ...bodyProblems,
          ] as ProblemCode[],
          { html: true },
        ),
      },
    },
  },
};
