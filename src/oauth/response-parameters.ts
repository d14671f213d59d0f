import { GatehouseError } from '../errors.js';
import type { Provider } from '../providers/provider.js';
import type { AuthorizationResponse } from './authorization-response.js';

/** RFC 6749 appendix A: VSCHAR and NQSCHAR; what a URI is written with. */
const visible = /^[\x20-\x7e]*$/;
const unquoted = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const uri = /^[\x21\x23-\x5b\x5d-\x7e]*$/;
/** No control character but those of line breaks: servers explain their refusals in whole paragraphs, and in any language. */
const text = /^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$/;

/** What each parameter of an authorization response is made of. */
const grammars: readonly (readonly [name: string, section: string, grammar: RegExp])[] = [
  ['code', 'RFC 6749 A.11', visible],
  ['state', 'RFC 6749 A.5', visible],
  ['error', 'RFC 6749 A.7', unquoted],
  ['error_uri', 'RFC 6749 A.9', uri],
  ['iss', 'RFC 9207 section 2', uri],
];

/**
 * The parameters by the names of the protocol, where each is written as it says. Throws GatehouseError invalid_request;
 * nothing is spent.
 */
export function checkedParameters(sent: AuthorizationResponse, provider: Provider): AuthorizationResponse {
  const response = withCode(sent, provider);
  for (const [name, section, grammar] of grammars)
    if (!grammar.test(response[name] ?? '')) throw outside(name, section, provider);
  // Without an error there is a code to be spent, and nothing to be described.
  const described = response['error'] === undefined ? unquoted : text;
  if (!described.test(response['error_description'] ?? ''))
    throw outside('error_description', 'RFC 6749 A.8', provider);
  return response;
}

/** Some servers send the code under another name; what they call `code` then is something else. */
function withCode(sent: AuthorizationResponse, { authorization }: Provider): AuthorizationResponse {
  const name = authorization.response.code;
  if (name === 'code') return sent;
  const { code: _other, [name]: code, ...rest } = sent;
  return code === undefined ? rest : { ...rest, code };
}

function outside(name: string, section: string, provider: Provider): GatehouseError {
  return new GatehouseError(
    'invalid_request',
    `The parameter ${name} holds characters that ${section} does not allow. Nothing was spent; start again.`,
    provider.id,
  );
}
