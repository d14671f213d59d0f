import { z } from 'zod';
import { compact } from '../../compact.js';
import { nullable } from '../field-types.js';
import { unfilledAddress } from '../variables/unfilled-address.js';
import { withoutNull } from '../without-null.js';

const renew = z.strictObject({
  endpoint: nullable(z.url()),
  grant_type: nullable(z.string().min(1)),
  token_parameter: nullable(z.string().min(1)),
});

/** For servers that change a short access token for a long one, and a long one for a newer one, and give no refresh token. */
export const tokenExchange = renew.extend({
  method: nullable(z.enum(['POST', 'GET'])),
  grant_type: z.string().min(1),
  parameters: nullable(z.record(z.string().min(1), z.string().nullable())),
  /** What differs when a long token is changed for a newer one. */
  renew: nullable(renew),
});

type File = z.infer<typeof tokenExchange> | null | undefined;

export type TokenExchange = NonNullable<ReturnType<typeof resolveTokenExchange>>;

export function resolveTokenExchange(file: File) {
  if (!file) return undefined;
  const addressOf = (text: string | null | undefined) => (text == null ? undefined : unfilledAddress(text));
  const endpoint = addressOf(file.endpoint);
  const tokenParameter = file.token_parameter ?? 'access_token';
  return {
    method: file.method ?? 'POST',
    parameters: withoutNull(file.parameters ?? {}),
    /** Without an endpoint: the token endpoint. */
    first: compact({ endpoint, grantType: file.grant_type, tokenParameter }),
    renew: compact({
      endpoint: addressOf(file.renew?.endpoint) ?? endpoint,
      grantType: file.renew?.grant_type ?? file.grant_type,
      tokenParameter: file.renew?.token_parameter ?? tokenParameter,
    }),
  };
}
