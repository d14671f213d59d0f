import { failures } from './answers.js';
import { named, unusable } from './connections.js';
import type { Answer, Method, Operation, Parameter, PathItem, Paths } from './operation.js';
import { csrfHeader, key } from './parameters.js';
import { text } from './schema.js';

const methods = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'] as const satisfies readonly Method[];

const path: Parameter = {
  name: 'path',
  in: 'path',
  required: true,
  description: "The path below the provider's base address, slashes and all, passed on as it is; so is the query",
  schema: { type: 'string' },
};

const upstream: Answer = {
  description:
    "The provider's response: its status, its headers except those that Gatehouse sets, its body as a stream",
  content: { '*/*': { schema: {} } },
};

const refusals = failures([
  'invalid_request',
  ...unusable,
  'csrf_required',
  'origin_not_allowed',
  'route_not_allowed',
  'access_denied',
  'unknown_provider',
  ...named,
  'method_not_allowed',
  'organization_required',
  'confirmation_required',
  'body_too_large',
  'rate_limited',
  'upstream_unreachable',
  'upstream_invalid_response',
  'upstream_busy',
  'upstream_timeout',
]);

/** What Gatehouse says itself is marked, so that a caller knows who spoke. */
const marked = Object.fromEntries(
  Object.entries(refusals).map(([status, answer]) => {
    const mark = { description: 'The code; a response of the provider never carries this header', schema: text() };
    return [status, { ...answer, headers: { ...answer.headers, 'X-Gatehouse-Error': mark } }];
  }),
);

function call(method: Method, id: string, parameters: readonly Parameter[]): Operation {
  return {
    operationId: `${id}_${method}`,
    tags: ['Proxy'],
    summary: "A call to the provider's API, with the session's token attached",
    parameters: [key, ...parameters, csrfHeader],
    ...(['post', 'put', 'patch'].includes(method)
      ? { requestBody: { required: false, content: { '*/*': { schema: {} } } } }
      : {}),
    security: [{ session: [] }],
    responses: { '2XX': upstream, ...marked },
  };
}

function everyMethod(id: string, parameters: readonly Parameter[]): PathItem {
  return Object.fromEntries(methods.map((method) => [method, call(method, id, parameters)]));
}

export const proxyPaths: Paths = {
  '/proxy/{key}': everyMethod('proxyBase', []),
  '/proxy/{key}/{path}': everyMethod('proxy', [path]),
};
