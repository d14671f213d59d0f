import type { ProviderFileBody } from '../schema.js';
import type { VariableSource } from '../sections/variables.js';

/** A text of the provider file in which placeholders may stand. */
export interface Place {
  path: readonly string[];
  text: string;
  kind: 'address' | 'path' | 'text';
  /** The sources whose values are known when it is used. */
  known: readonly VariableSource[];
  /** It gets the client's secret, or the browser is sent there first: no learnt origin is its whole host. */
  isTrusted: boolean;
  /** Names that mean something here without being variables. */
  own: readonly string[];
}

const atStart: readonly VariableSource[] = ['caller'];
const withCode: readonly VariableSource[] = ['caller', 'callback'];
const withTokens: readonly VariableSource[] = ['caller', 'callback', 'token_answer', 'id_token'];
const always: readonly VariableSource[] = ['caller', 'callback', 'token_answer', 'id_token', 'request'];

type Rule = readonly [keys: string, kind: Place['kind'], known: readonly VariableSource[], isTrusted?: 'trusted'];

/** Where placeholders may stand, by the path of the key; `*` is any key. Bodies are not among them. */
const rules: readonly Rule[] = [
  ['discovery_url', 'address', []],
  ['endpoints.authorization', 'address', atStart, 'trusted'],
  ['endpoints.token', 'address', withCode, 'trusted'],
  ['endpoints.refresh', 'address', always, 'trusted'],
  ['endpoints.revocation', 'address', always, 'trusted'],
  ['endpoints.userinfo', 'address', withTokens],
  ['endpoints.jwks', 'address', withCode],
  ['endpoints.end_session', 'address', always, 'trusted'],
  ['token.exchange.endpoint', 'address', withCode, 'trusted'],
  ['token.exchange.renew.endpoint', 'address', withCode, 'trusted'],
  ['api.base_url', 'address', always],
  ['variables.*.address', 'address', withTokens],
  ['variables.*.request.path', 'address', withTokens],
  ['api.headers.*', 'text', always],
  ['authorization.parameters.*', 'text', atStart],
  ['authorization.reconsent.*', 'text', atStart],
  ['authorization.another.*', 'text', atStart],
  ['token.parameters.*', 'text', withCode],
  ['token.request.headers.*', 'text', withCode],
  ['token.request.code.*', 'text', withCode],
  ['token.request.refresh.*', 'text', always],
  ['token.exchange.parameters.*', 'text', withCode],
  ['revocation.request.path', 'path', always],
  ['revocation.request.headers.*', 'text', always],
  ['revocation.request.parameters.*', 'text', always],
  ['account.request.path', 'path', always],
  ['organizations.request.path', 'path', always],
  ['api.auth_probe.path', 'path', always],
  ['api.examples.*.path', 'path', always],
];

/** What a revocation may name besides: see sections/revocation.ts. */
const ofRevocation = ['token', 'client_id'];

/** The texts of a file that are there. */
export function placesOf(body: ProviderFileBody): Place[] {
  return rules.flatMap(([keys, kind, known, trusted]) =>
    textsAt(body, keys.split('.')).map(({ path, text, around }) => ({
      path,
      text,
      kind,
      known,
      isTrusted: trusted !== undefined,
      own: [...namesLookedUp(around), ...(keys.startsWith('revocation.request') ? ofRevocation : [])],
    })),
  );
}

interface Found {
  path: string[];
  text: string;
  /** The map that holds the text. */
  around: unknown;
}

function textsAt(node: unknown, keys: readonly string[], path: readonly string[] = [], around?: unknown): Found[] {
  const [key, ...rest] = keys;
  if (key === undefined) return typeof node === 'string' ? [{ path: [...path], text: node, around }] : [];
  if (typeof node !== 'object' || node === null) return [];
  const entries = Object.entries(node).filter(([name]) => key === '*' || name === key);
  return entries.flatMap(([name, child]) => textsAt(child, rest, [...path, name], node));
}

/** An example's `look_up` fills names of its path by a call of its own. */
function namesLookedUp(around: unknown): string[] {
  const lookUp = (around as { look_up?: Record<string, unknown> } | undefined)?.look_up;
  return Object.keys(lookUp ?? {});
}
