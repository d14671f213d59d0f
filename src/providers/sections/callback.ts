import { z } from 'zod';
import { nullable } from '../field-types.js';
import type { SectionProblem } from './problem.js';

/** What the way back must carry besides code and state. */
export const callback = z.strictObject({
  /** The provider signs the parameters with the client secret. */
  hmac: nullable(
    z.strictObject({
      /** The parameter that has the signature; it is not signed itself. */
      parameter: nullable(z.string().regex(/^[\w.-]{1,64}$/, 'must be a parameter name')),
      algorithm: nullable(z.enum(['hmac-sha256'])),
      encoding: nullable(z.enum(['hex', 'base64'])),
    }),
  ),
});

type File = z.infer<typeof callback> | null | undefined;

export function callbackProblems(
  file: File,
  { hasSecret, codeName }: { hasSecret: boolean; codeName: string | null | undefined },
): SectionProblem[] {
  if (file?.hmac && codeName != null && codeName !== 'code')
    return [{ what: 'callback.hmac with authorization.response.code', remedy: 'A signed callback has its own names.' }];
  if (!file?.hmac || hasSecret) return [];
  return [
    {
      what: 'callback.hmac is made with the client secret, and there is none',
      remedy: 'Set the secret, or remove callback.hmac.',
    },
  ];
}

/** Undefined where the provider signs nothing. */
export function resolveCallback(file: File) {
  if (!file?.hmac) return undefined;
  const { parameter, encoding } = file.hmac;
  return { hmac: { parameter: parameter ?? 'hmac', encoding: encoding ?? ('hex' as const) } };
}
