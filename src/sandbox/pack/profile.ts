import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

/** How a provider behaves where its file does not say it: data of the emulator, one small file for each provider. */
const profile = z.strictObject({
  /** Seconds that an access token lives; absent: as the file's default_lifetime says. */
  access_lifetime: z.union([z.number().int().positive(), z.literal('never')]).optional(),
  /**
   * What a refresh gives. `rotates`: a new refresh token, and the old one ends. `same`: the old one once more. `silent`: none,
   * the old one stays. `none`: there are no refresh tokens.
   */
  refresh: z.enum(['rotates', 'same', 'silent', 'none']).optional(),
  /** Days after which a refresh token ends that is not used, where the file says nothing. */
  idle_days: z.number().positive().optional(),
  /** Whose data a grant opens: that of a company, which is chosen with the consent, or the person's. */
  account: z.enum(['company', 'person']).optional(),
  /** The ids of the three companies: two of the first person, one of the second. */
  ids: z.tuple([z.string(), z.string(), z.string()]).optional(),
  /** Further members of a token response, and further parameters of a callback. */
  token_members: z.record(z.string(), z.unknown()).optional(),
  callback_parameters: z.record(z.string(), z.string()).optional(),
  /** Answers of the API that are not to be made of the file's examples. */
  answers: z.array(z.strictObject({ method: z.string().optional(), path: z.string(), body: z.unknown() })).optional(),
});

export type Profile = z.infer<typeof profile>;

const folder = new URL('./profiles/', import.meta.url);

/** The profile of a provider; an empty one where there is no file. */
export function readProfile(id: string): Profile {
  let source: string;
  try {
    source = readFileSync(new URL(`${id}.yaml`, folder), 'utf8');
  } catch {
    return {};
  }
  return profile.parse(parse(source));
}
