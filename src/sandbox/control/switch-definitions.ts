import { hasOwnEmulator, type OwnEmulator, type ProviderId } from '../provider-ids.js';

export type SwitchValue = string | number | boolean;

/** `at`: the providers that have this switch, each with its value at the start; `pack` are all that share one engine. */
type At<V> = Readonly<Partial<Record<OwnEmulator, V>>> & { readonly pack?: V };

export type Definition = { readonly label: string } & (
  | { readonly kind: 'flag'; readonly at: At<boolean> }
  | { readonly kind: 'number'; readonly most: number; readonly at: At<number> }
  | { readonly kind: 'choice'; readonly values: readonly string[]; readonly at: At<string> }
);

const everywhere = <V>(value: V): At<V> => ({
  'request-finance': value,
  'request-finance-m2m': value,
  invoiced: value,
  luca: value,
  'luca-v2': value,
  financefeast: value,
  pack: value,
});
const people = <V>(value: V): At<V> => ({ ...everywhere(value), 'request-finance-m2m': undefined as never });
const statuses = ['off', '429', '500', '502', 'reset'];
const idTokens = [
  'none',
  'normal',
  'wrong_nonce',
  'no_nonce',
  'wrong_issuer',
  'wrong_audience',
  'expired',
  'hs256',
  'unsigned',
  'wrong_key',
];

export const definitions = {
  slow: {
    label: 'Milliseconds that the token endpoint and the API wait',
    kind: 'number',
    most: 120_000,
    at: everywhere(0),
  },
  token_status: { label: 'Token endpoint answers', kind: 'choice', values: statuses, at: everywhere('off') },
  api_status: { label: 'API answers', kind: 'choice', values: statuses, at: everywhere('off') },
  other_secret: { label: "The client's secret has been renewed", kind: 'flag', at: everywhere(false) },
  dead_grant: { label: 'Every refresh is refused as a dead grant', kind: 'flag', at: renewable(false) },
  expired: {
    label: 'New access tokens have expired already, whatever expires_in says',
    kind: 'flag',
    at: everywhere(false),
  },
  lifetime: {
    label: 'Seconds that an access token lives (0: as usual)',
    kind: 'number',
    most: 31_536_000,
    at: everywhere(0),
  },
  expires_in: {
    label: 'How expires_in is written',
    kind: 'choice',
    values: ['number', 'text', 'absent', 'junk'],
    at: { ...everywhere('number'), luca: 'text' },
  },
  rotation: {
    label: 'A refresh gives a new refresh token and ends the old one',
    kind: 'flag',
    at: { 'request-finance': false, luca: false },
  },
  no_refresh_token: { label: 'No refresh token is issued', kind: 'flag', at: renewable(false) },
  scope_in_answer: { label: 'The token answer names the scopes', kind: 'flag', at: { 'request-finance': true } },
  id_token: {
    label: 'ID token',
    kind: 'choice',
    values: idTokens,
    at: { 'request-finance': 'normal', financefeast: 'none' },
  },
  deny_consent: { label: 'Consent is refused without asking', kind: 'flag', at: people(false) },
  callback_iss: {
    label: 'The iss parameter of the callback',
    kind: 'choice',
    values: ['normal', 'wrong', 'missing'],
    at: { 'luca-v2': 'normal' },
  },
  discovery: {
    label: 'The discovery document',
    kind: 'choice',
    values: ['normal', 'wrong_issuer', '500'],
    at: { 'request-finance': 'normal', 'luca-v2': 'normal' },
  },
  mfa_required: {
    label: 'The token endpoint asks for a second factor',
    kind: 'flag',
    at: { 'request-finance': false },
  },
  left_organizations: {
    label: 'The person has left every organization',
    kind: 'flag',
    at: { 'request-finance': false },
  },
  revoke_ends_grant: {
    label: "Revoking one refresh token ends the person's whole grant",
    kind: 'flag',
    at: { 'request-finance': false },
  },
  error_shape: {
    label: 'How the token endpoint writes its errors',
    kind: 'choice',
    values: ['invoiced', 'league8', 'league9'],
    at: { invoiced: 'invoiced' },
  },
  echo_state: { label: 'The callback carries state', kind: 'flag', at: { luca: false } },
  refusal_member: {
    label: 'The member that a refusal with status 200 holds',
    kind: 'choice',
    values: ['error_descriptions', 'errors_descriptions', 'errors', 'error'],
    at: { luca: 'error_descriptions' },
  },
  graphql_401: {
    label: 'How GraphQL refuses a bad token',
    kind: 'choice',
    values: ['plain', 'errors_in_200'],
    at: { luca: 'plain', 'luca-v2': 'plain' },
  },
  approval_pending: { label: 'The client still waits for approval', kind: 'flag', at: { financefeast: false } },
  nonce_check: { label: 'A missing or re-used nonce is refused', kind: 'flag', at: { financefeast: true } },
  expires_at: { label: 'The token answer holds expires_at', kind: 'flag', at: { financefeast: true } },
} as const satisfies Record<string, Definition>;

export type SwitchName = keyof typeof definitions;

function renewable<V>(value: V): At<V> {
  return { 'request-finance': value, invoiced: value, luca: value, 'luca-v2': value, pack: value };
}

/** The value of a switch at the start; undefined where the provider does not have it. */
export function startOf({ at }: Definition, provider: ProviderId): SwitchValue | undefined {
  return at[hasOwnEmulator(provider) ? provider : 'pack'];
}
