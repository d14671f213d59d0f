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
        "The provider's signature over the raw body is the only credential. The provider file names its header. Gatehouse passes the event on to the operator's address until that address accepts it, once. A copy that comes meanwhile shares the outcome, or gets 503 `store_unavailable` with Retry-After while it is open. If the head of the request is reason enough to refuse it, Gatehouse does so before it reads the body.",
      parameters: [provider],
      requestBody: { required: true, content: { 'application/json': { schema: {} } } },
      security: [],
      responses: {
        200: { description: 'The operator accepted it, now or before' },
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
