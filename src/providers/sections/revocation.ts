import { z } from 'zod';
import { nullable } from '../field-types.js';

export const revocation = z.strictObject({
  token: nullable(z.enum(['refresh_token', 'access_token', 'off'])),
  /** What revoking one token ends: that token, or the person's whole grant to this client (assumed where left out). */
  ends: nullable(z.enum(['token', 'grant'])),
  /** Whether the client authenticates itself at the revocation endpoint. */
  client_authentication: nullable(z.boolean()),
});

export function resolveRevocation(file: z.infer<typeof revocation> | null | undefined) {
  return {
    token: file?.token ?? 'refresh_token',
    ends: file?.ends ?? 'grant',
    clientAuthentication: file?.client_authentication ?? true,
  };
}
