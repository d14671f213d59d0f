import { z } from 'zod';
import { hasUserOrFragment, isSecureAddress } from '../../config/loopback.js';
import { compact } from '../../compact.js';
import { nullable } from '../field-types.js';
import { unfilledAddress } from '../variables/unfilled-address.js';
import type { SectionProblem } from './problem.js';

export const endpoints = z.strictObject({
  authorization: nullable(z.url()),
  token: nullable(z.url()),
  /** Where refresh tokens go, if that is another address than `token`. */
  refresh: nullable(z.url()),
  revocation: nullable(z.url()),
  userinfo: nullable(z.url()),
  jwks: nullable(z.url()),
  end_session: nullable(z.url()),
});

type File = z.infer<typeof endpoints>;

export type Endpoints = ReturnType<typeof resolveEndpoints>;

export function resolveEndpoints(file: File | null | undefined) {
  return compact({
    authorization: addressOf(file?.authorization),
    token: addressOf(file?.token),
    refresh: addressOf(file?.refresh),
    revocation: addressOf(file?.revocation),
    userinfo: addressOf(file?.userinfo),
    jwks: addressOf(file?.jwks),
  });
}

function addressOf(text: string | null | undefined): string | undefined {
  return text == null ? undefined : unfilledAddress(text);
}

/** Problems of addresses, each by the key that names it. */
export function addressProblems(
  addresses: Readonly<Record<string, string | null | undefined>>,
  production: boolean,
): SectionProblem[] {
  return Object.entries(addresses).flatMap(([key, address]) => {
    if (!address) return [];
    const url = new URL(address);
    if (!isSecureAddress(url, production)) return [{ what: `${key} is not https`, remedy: httpsRemedy(production) }];
    if (!hasUserOrFragment(url) || key === 'api.base_url') return [];
    return [{ what: `${key} has a user or a fragment`, remedy: 'Leave only scheme, host, port, path and query.' }];
  });
}

function httpsRemedy(production: boolean): string {
  return production ? 'Production talks https only.' : 'Use https; http is accepted on a loopback address only.';
}
