import { connectionStatuses, refreshResults, revocations } from '../contract.js';
import type { TokenSet } from '../oauth/token-set.js';
import { problems } from '../errors.js';
import { flag, listOf, named, object, oneOf, orNull, seconds, text, textOrNull, time, type Schema } from './schema.js';

const expirySources = [
  'expires_in',
  'expires_at',
  'access_token',
  'default',
] as const satisfies readonly TokenSet['expirySource'][];

const provider = text('The id of the provider');

const account = orNull(object({ subject: textOrNull('Names the account at the provider'), label: textOrNull() }));
const label = textOrNull("The person's own name for it, else the label of the account");

const connection = object({
  id: textOrNull('Names the connection, and stays when it is renewed or reconnected; null: there is none'),
  provider,
  name: text('For a person to read'),
  environment: textOrNull('Such as test or live; null where the provider has one only'),
  status: named('ConnectionStatus'),
  label,
  connected_at: orNull(time()),
  account,
  variables: orNull({
    type: 'object',
    additionalProperties: text(),
    description: 'The values that the provider file shows; null where nothing is connected',
  }),
  scopes: orNull(object({ granted: listOf(text()), missing: listOf(text()) })),
  access: orNull(
    object({
      expires_at: orNull(time()),
      expires_in: orNull(
        seconds('Seconds until the token or the session ends, whichever is earlier; null: the token has no end'),
      ),
      source: oneOf(
        [...expirySources, 'session_idle', 'session_max'],
        'What the expiry was read from; session_…: the session ends first, and the connection with it',
      ),
      refreshable: flag,
    }),
  ),
  organization: orNull(
    object({ id: textOrNull('null: the personal account'), name: textOrNull(), required: flag, chosen: flag }),
  ),
  last_refresh: orNull(object({ at: time(), result: oneOf(refreshResults) })),
  links: object({
    connect: textOrNull("null where the operator's own account is used"),
    proxy: text('Calls to the API of the provider begin here'),
  }),
});

const problem = object(
  {
    type: { type: 'string', pattern: '^urn:gatehouse:problem:[a-z_]+$' },
    title: text(),
    status: { type: 'integer' },
    code: named('ProblemCode'),
  },
  {
    detail: text('A sentence for the person'),
    provider,
    instance: text('The path, as far as it is made of words of ours'),
    request_id: text('Names the request in the log of the server'),
    connect_url: { type: 'string', format: 'uri', description: 'Where connecting again is what helps' },
    variables: listOf(text('The name of a variable that is still to be said')),
    reason: text('Why a connection has ended, where that is known, such as account_changed'),
    retry_after: { type: 'integer', minimum: 1, description: 'Seconds, as in Retry-After' },
    connections: {
      ...listOf(object({ id: text(), label, account })),
      description: 'With connection_ambiguous: which there are',
    },
  },
);

/** The schemas that have a name. */
export const schemas: Readonly<Record<string, Schema>> = {
  Session: object({
    session: object(
      {
        active: flag,
        expires_in: orNull(seconds('Seconds until the session ends')),
        idle_expires_in: orNull(seconds('Seconds until it ends when nothing more is asked')),
      },
      {
        owner: {
          ...orNull(
            object({
              kind: text('assertion, or the id of the provider that the person signed in with'),
              label: textOrNull('The name for pages'),
              expires_in: seconds('Seconds until the owner has to be named again; 0: now'),
            }),
          ),
          description: 'With CONNECTIONS=owner: whose connections these are',
        },
      },
    ),
    connections: listOf(named('Connection')),
  }),
  Connections: object({ connections: listOf(named('Connection')) }),
  Connection: connection,
  ConnectionStatus: oneOf(connectionStatuses),
  Organizations: object({
    organizations: listOf(object({ id: text(), name: text() })),
    selected: textOrNull('The id of the chosen one; null: the personal account, or none chosen yet'),
  }),
  Revocation: object({
    provider,
    revocation: oneOf(revocations, 'What the provider said to ending the grant'),
  }),
  Revocations: object(
    { revocations: listOf(named('Revocation')) },
    { provider_logout_urls: listOf(text('Where the person can log out at the provider that they had signed in with')) },
  ),
  Problem: problem,
  ProblemCode: oneOf(Object.keys(problems)),
  Alive: object({ status: { const: 'ok' } }),
  Readiness: object({
    status: oneOf(['ready', 'shutting_down', 'store_unavailable']),
    store: oneOf(['ok', 'unavailable']),
    providers: { type: 'object', additionalProperties: oneOf(['ready', 'pending', 'misconfigured']) },
  }),
};
