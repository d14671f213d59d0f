import type { ProblemCode } from '../errors.js';
import { bodyProblems, failures, json, page, redirect, nobody } from './answers.js';
import type { Operation, Parameter, Paths } from './operation.js';
import { csrfHeaderOrToken, formBody, key, provider, query } from './parameters.js';
import { oneOf, text } from './schema.js';
import { named, unusable } from './connections.js';

const tags = ['Pages'];
const sent = [
  'invalid_request',
  'csrf_required',
  'origin_not_allowed',
  'unknown_provider',
  ...bodyProblems,
  'store_unavailable',
] as const satisfies readonly ProblemCode[];

/** The same for an address with the key of a connection. */
const sentTo = [...sent, ...nobody, ...named] as const satisfies readonly ProblemCode[];

function shown(
  operationId: string,
  summary: string,
  codes: readonly ProblemCode[],
  parameters: readonly Parameter[] = [provider],
): Operation {
  return {
    operationId,
    tags,
    summary,
    parameters: [...parameters, query('lang', 'The language of the page, kept for later', oneOf(['en', 'nb']))],
    security: [{ session: [] }, {}],
    responses: { 200: page('The page'), ...failures(codes, { html: true }) },
  };
}

function module(operationId: string, summary: string, type: string): Operation {
  return {
    operationId,
    tags,
    summary,
    description: 'Pages of our own origin and of ALLOWED_ORIGINS may load it; 304 where If-None-Match names its ETag.',
    security: [],
    responses: {
      200: {
        description: 'The module',
        headers: { ETag: { description: 'Changes with the content', schema: text() } },
        content: { [type]: { schema: text() } },
      },
      304: { description: 'It has not changed' },
      ...failures([]),
    },
  };
}

const home = shown('home', 'A card for every provider', ['store_unavailable'], []);

const onePage = shown(
  'connectionPage',
  'One connection, and its data',
  [...nobody, 'unknown_provider', ...named, 'store_unavailable'],
  [key],
);

const keepPage = shown(
  'keepPage',
  'Asks which connections made in this browser before are of the person who signed in',
  [...nobody, 'invalid_return_to', 'store_unavailable'],
  [query('return_to', 'Where the person goes next')],
);

/** What a person sees; the forms do what the calls under /api do. */
export const pagePaths: Paths = {
  '/': {
    get: {
      ...home,
      responses: {
        ...home.responses,
        302: redirect('In development: the same page under the loopback name that PUBLIC_URL has'),
      },
    },
  },
  '/connections/{key}': {
    get: {
      ...onePage,
      responses: { ...onePage.responses, 303: redirect('To the page of the connection that was made') },
    },
  },
  '/connections/{key}/example': {
    post: {
      operationId: 'exampleAnswer',
      tags,
      summary:
        'One connection, with the response to an example call that the server makes; for browsers without script',
      parameters: [key, csrfHeaderOrToken],
      requestBody: formBody({
        example: text('Which of the examples of the provider file, counted from 0'),
        query: text('Of the page that is wanted, where it is not the first'),
        cursor: text('The same, of GraphQL'),
        before: text('How many rows the pages before it had'),
      }),
      security: [{ session: [] }, {}],
      responses: {
        200: page('The page; if the call fails, the page says why'),
        ...failures(sentTo, { html: true }),
      },
    },
  },
  '/connections/{key}/rename': {
    post: {
      operationId: 'renameByForm',
      tags,
      summary: 'Give a connection a name of your own, from a form',
      parameters: [key, csrfHeaderOrToken],
      requestBody: formBody({ label: text('1 to 80 characters; empty: the label of the account') }),
      security: [{ session: [] }],
      responses: {
        303: redirect('To the page of the connection'),
        ...failures([...sentTo, 'not_connected', 'reauth_required'], { html: true }),
      },
    },
  },
  '/connections/{key}/disconnect': {
    post: {
      operationId: 'disconnectByForm',
      tags,
      summary: 'Disconnect, from a form',
      parameters: [key, csrfHeaderOrToken],
      requestBody: formBody({ revoke: oneOf(['true', 'false'], 'true where absent') }),
      security: [{ session: [] }, {}],
      responses: { 303: redirect('To the home page'), ...failures(sentTo, { html: true }) },
    },
  },
  '/connections/{key}/organization': {
    post: {
      operationId: 'chooseOrganizationByForm',
      tags,
      summary: 'Choose an organization, from a form',
      parameters: [key, csrfHeaderOrToken],
      requestBody: formBody({ organization: text('Its id; empty: the personal account') }),
      security: [{ session: [] }],
      responses: {
        303: redirect('To the page of the connection'),
        ...failures(
          [
            ...new Set([
              ...sentTo,
              ...unusable,
              ...(['scope_missing', 'not_found', 'upstream_unreachable', 'upstream_invalid_response'] as const),
            ]),
          ],
          { html: true },
        ),
      },
    },
  },
  '/session/keep': {
    get: {
      ...keepPage,
      responses: { ...keepPage.responses, 303: redirect('To return_to, where there is nothing to ask') },
    },
    post: {
      operationId: 'answerKeepPage',
      tags,
      summary: 'Keep some of them, and end the rest',
      parameters: [csrfHeaderOrToken],
      requestBody: formBody({ keep: text('The id of one to keep; may come several times'), return_to: text() }),
      security: [{ session: [] }],
      responses: {
        303: redirect('To return_to'),
        ...failures(
          [
            ...(['invalid_request', 'invalid_return_to', 'csrf_required', 'origin_not_allowed'] as const),
            ...nobody,
            ...bodyProblems,
            'store_unavailable',
          ],
          { html: true },
        ),
      },
    },
  },
  '/popup': {
    get: shown(
      'popup',
      'Ends a pop-up: tells the page that opened it how the attempt ended, and closes the window',
      ['invalid_request', 'store_unavailable'],
      [
        query('popup', 'The popup_id that the attempt was started with'),
        query('provider', 'The provider that was to be connected'),
        query('origin', 'The origin that started it; no other origin receives the outcome'),
        query('connected', 'The provider, where it was connected'),
        query('connection', 'The id of the connection'),
        query('connect_error', 'The code, where it was not'),
        query('request_id', 'With connect_error'),
      ],
    ),
  },
  '/gatehouse.js': { get: module('frontEndModule', 'The ES module for front ends', 'text/javascript') },
  '/gatehouse.d.ts': { get: module('frontEndTypes', 'The types of that module', 'application/typescript') },
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
