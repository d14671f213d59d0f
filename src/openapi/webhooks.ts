import { bodyProblems, failures } from './answers.js';
import type { Paths } from './operation.js';
import { provider } from './parameters.js';

export const webhookPaths: Paths = {
  '/webhooks/{provider}': {
    post: {
      operationId: 'webhook',
      tags: ['Webhooks'],
      summary: 'An event of the provider',
      description:
        "The provider's signature over the raw body is the only credential; its header is named in the provider file. The event is passed on to the operator's address until that takes it, once. A copy that comes meanwhile shares the outcome, or is answered 503 `store_unavailable` with Retry-After while it is open. What can be refused by the head of the request is refused before the body is read.",
      parameters: [provider],
      requestBody: { required: true, content: { 'application/json': { schema: {} } } },
      security: [],
      responses: {
        200: { description: 'The operator took it, now or before' },
        ...failures([
          'invalid_request',
          'signature_invalid',
          'unknown_provider',
          'not_found',
          ...bodyProblems,
          'upstream_unreachable',
          'upstream_timeout',
          'store_unavailable',
        ]),
      },
    },
  },
};
