import { compact } from '../compact.js';
import type { Provider } from '../providers/provider.js';
import { AuthorizationError } from './authorization-response.js';
import { DiscoveryError } from './discovery-error.js';
import { TokenEndpointError } from './token-endpoint-error.js';

export interface RefusalReport {
  /** The usual cause, and where the operator looks. */
  hint?: string;
  /** What the server said, cleaned. */
  description?: string;
}

/** For the operator's log alone: what is known of a refusal beside its code. */
export function refusalReport({ token }: Provider, error: unknown): RefusalReport {
  if (error instanceof DiscoveryError) return compact({ hint: error.hint });
  if (!(error instanceof TokenEndpointError || error instanceof AuthorizationError)) return {};
  const { hints } = token.errors;
  const fromFile = Object.hasOwn(hints, error.code) ? hints[error.code] : undefined;
  const usual = error instanceof TokenEndpointError ? usualCause(error) : undefined;
  return compact({ hint: fromFile ?? usual, description: error.description });
}

const wrongAddress =
  'This is no token endpoint. Look at endpoints.token, and at the environment or region of the account.';

const usualCauses: Readonly<Record<string, string>> = {
  http_404: wrongAddress,
  http_405: wrongAddress,
  html: wrongAddress,
  not_json: wrongAddress,
  http_406: 'The token endpoint does not write JSON.',
  http_415: 'The token endpoint does not accept application/x-www-form-urlencoded. It may want JSON.',
  no_access_token: 'The response has no member access_token.',
  access_token: 'The member access_token holds what no header can carry.',
  refresh_token: 'The member refresh_token holds what no header can carry.',
  id_token: 'The member id_token is no text.',
  token_type: 'The member token_type names no bearer token. token.bearer_types lists further names.',
  expires_in:
    'The member expires_in is no positive number. For tokens that do not end set token.answer.expires_in: { zero: never }.',
  invalid_request: 'The server wants another request than the provider file describes.',
  invalid_code: 'The code belongs to another client, region or environment, or has expired.',
};

function usualCause({ kind, code }: TokenEndpointError): string | undefined {
  if (Object.hasOwn(usualCauses, code)) return usualCauses[code];
  if (kind !== 'unrecognised') return undefined;
  return 'The provider file does not know this refusal. If the description names a known cause, add its code to token.errors.';
}
