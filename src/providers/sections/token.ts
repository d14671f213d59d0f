import { z } from 'zod';
import { compact } from '../../compact.js';
import { nullable, pointer, seconds } from '../field-types.js';
import type { Secrets } from '../secret-value.js';
import { withoutNull } from '../without-null.js';
import { resolveTokenExchange, tokenExchange } from './token-exchange.js';
import { resolveTokenRequest, tokenRequest } from './token-request.js';

const errors = z.strictObject({
  /** Codes that mean: this grant is over, connect again. */
  dead_grant: nullable(z.array(z.string())),
  /** Of those, the codes that ask for the person: a second factor, a consent. */
  interaction: nullable(z.array(z.string())),
  /** Codes that mean: the operator has to act; every connection is kept. */
  configuration: nullable(z.array(z.string())),
  /** For servers that tell failures apart by a member other than `error`: its exact value, and the code it stands for. */
  messages: nullable(z.array(z.strictObject({ member: z.string(), is: z.string(), code: z.string() }))),
  /** The code of a 4xx response that holds one of these members, and whose text is not among `messages`. */
  otherwise: nullable(z.strictObject({ members: z.array(z.string()).min(1), code: z.string() })),
  /** Members whose presence in a 200 response without access_token means `invalid_grant`. */
  refused_at_200: nullable(z.array(z.string())),
  /** What the log says to the operator when a code comes: the usual cause at this provider. */
  hints: nullable(z.record(z.string().min(1), z.string().max(300))),
});

const algorithms = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'HS256'] as const),
];

const weekSeconds = 604_800;
const days = z.number().positive().max(3650);

export const token = z.strictObject({
  parameters: nullable(z.record(z.string().min(1), z.string().nullable())),
  request: nullable(tokenRequest),
  exchange: nullable(tokenExchange),
  id_token: nullable(z.enum(['required', 'optional', 'none'])),
  id_token_algorithm: nullable(z.enum(algorithms)),
  trusted_audiences: nullable(z.array(z.string())),
  /** Claim of a JWT access token that names the granted scopes, for responses that leave `scope` out. */
  scope_claim: nullable(z.string()),
  /** Values of `token_type` that mean Bearer at this server, beside that word. */
  bearer_types: nullable(z.array(z.string().min(1))),
  /** Where the members of a response stand whose place or meaning is another one at this server. */
  answer: nullable(
    z.strictObject({
      access_token: nullable(pointer),
      refresh_token: nullable(pointer),
      scope: nullable(pointer),
      token_type: nullable(pointer),
      expires_at: nullable(pointer),
      expires_in: nullable(
        z.strictObject({
          pointer: nullable(pointer),
          unit: nullable(z.enum(['seconds', 'minutes', 'milliseconds'])),
          /** `never`: 0 and null mean that the token has no end. */
          zero: nullable(z.enum(['never', 'invalid'])),
        }),
      ),
    }),
  ),
  /** Used where the response states no lifetime. */
  default_lifetime: nullable(z.union([seconds, z.literal('never')])),
  /** The access token is renewed so long before its end; at most half of its life before it. */
  renew_before: nullable(seconds),
  /** A refresh token that is not used for so many days is over. */
  refresh_idle_days: nullable(days),
  /** A grant is over so many days after the person connected, however often it is refreshed. */
  refresh_max_days: nullable(days),
  /** A connection that cannot be refreshed is `expiring` when fewer seconds than this are left. */
  warn_before: nullable(seconds),
  errors: nullable(errors),
});

type File = z.infer<typeof token>;

/** OpenID Connect Core 3.1.2.6: the person has to be there; `mfa_required` is what some call a second factor. */
const interactionErrors = [
  ...['interaction_required', 'login_required', 'consent_required', 'account_selection_required', 'mfa_required'],
];
/** RFC 6749 section 5.2, and the words that some servers have for it. */
const deadGrantErrors = ['invalid_grant', 'bad_refresh_token', 'bad_verification_code', 'invalid_code'];
const configurationErrors = [
  ...['invalid_client', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope', 'invalid_target'],
];

export function resolveToken(file: File | null | undefined, protocol: 'oidc' | 'oauth2', secrets: Secrets) {
  return compact({
    parameters: withoutNull(file?.parameters ?? {}),
    request: resolveTokenRequest(file?.request, secrets),
    exchange: resolveTokenExchange(file?.exchange),
    idToken: file?.id_token ?? (protocol === 'oidc' ? 'required' : 'none'),
    idTokenAlgorithm: file?.id_token_algorithm ?? 'RS256',
    trustedAudiences: file?.trusted_audiences ?? [],
    scopeClaim: file?.scope_claim ?? undefined,
    /** In lower case. */
    bearerTypes: new Set(['bearer', ...(file?.bearer_types ?? []).map((type) => type.toLowerCase())]),
    answer: resolveAnswer(file?.answer),
    /** Seconds. */
    defaultLifetime: file?.default_lifetime ?? 3600,
    /** Seconds; absent: a minute, or a quarter of a short life. A token that is changed for another is no good after its end. */
    renewBefore: file?.renew_before ?? (file?.exchange ? weekSeconds : undefined),
    refreshIdleDays: file?.refresh_idle_days ?? undefined,
    refreshMaxDays: file?.refresh_max_days ?? undefined,
    /** Seconds. */
    warnBefore: file?.warn_before ?? 86_400,
    errors: resolveErrors(file?.errors),
  });
}

function resolveAnswer(file: File['answer']) {
  const { pointer: place, unit, zero } = file?.expires_in ?? {};
  return {
    accessToken: file?.access_token ?? '/access_token',
    refreshToken: file?.refresh_token ?? '/refresh_token',
    scope: file?.scope ?? '/scope',
    tokenType: file?.token_type ?? '/token_type',
    expiresAt: file?.expires_at ?? '/expires_at',
    expiresIn: { pointer: place ?? '/expires_in', unit: unit ?? 'seconds', zero: zero ?? 'invalid' },
  };
}

/** Rules by which a failed response of the token endpoint is told apart (RFC 6749 section 5.2, and what servers do instead). */
export type TokenErrorRules = ReturnType<typeof resolveErrors>;

function resolveErrors(file: File['errors']) {
  const interaction = file?.interaction ?? interactionErrors;
  return compact({
    deadGrant: new Set([...(file?.dead_grant ?? deadGrantErrors), ...interaction]),
    interaction: new Set(interaction),
    configuration: new Set(file?.configuration ?? configurationErrors),
    messages: file?.messages ?? [],
    otherwise: file?.otherwise ?? undefined,
    refusedAt200: file?.refused_at_200 ?? [],
    hints: file?.hints ?? {},
  });
}
