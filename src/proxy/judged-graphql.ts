import type { IncomingHttpHeaders } from 'node:http';
import {
  Kind,
  parse,
  print,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql/language/index.js';
import { GatehouseError } from '../errors.js';
import { parseExactJson } from '../exact-json.js';
import type { GraphqlRules } from '../providers/provider.js';

/** Far more than `max_fields` fields need; the work that a document makes is bounded by it. */
const maxLexicalTokens = 20_000;

/**
 * The body of a GraphQL call, written anew from what was judged, so that the API reads what was read here: JSON in UTF-8 with
 * `query`, `operationName` and `variables` alone. Every operation of the document counts, whichever is named.
 * Throws GatehouseError invalid_request for what cannot be read, route_not_allowed for what the file does not list.
 */
export function judgedGraphql(
  body: Buffer,
  headers: IncomingHttpHeaders,
  rules: GraphqlRules,
  provider: string,
): Buffer {
  const { query, operationName, variables } = readRequest(body, headers, provider);
  const document = readDocument(query, provider);
  const refusal = refusalOf(document, rules);
  if (refusal !== undefined) throw new GatehouseError('route_not_allowed', refusal, provider);
  return Buffer.from(JSON.stringify({ query: print(document), operationName, variables }));
}

interface GraphqlRequest {
  query: string;
  operationName?: string | null;
  variables?: object | null;
}

function readRequest(body: Buffer, headers: IncomingHttpHeaders, provider: string): GraphqlRequest {
  const refuse = (what: string) => new GatehouseError('invalid_request', what, provider);
  if (!/^application\/json *(?:; *charset="?utf-8"?)? *$/i.test(headers['content-type'] ?? ''))
    throw refuse('A GraphQL call is JSON: send Content-Type: application/json.');
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw refuse('A GraphQL call is sent uncompressed.');
  let value: unknown;
  let exact: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    value = JSON.parse(text);
    exact = parseExactJson(text);
  } catch {
    throw refuse('The body is not JSON in UTF-8.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refuse('The body is not one object with query, operationName and variables.');
  const { query, operationName = null, variables = null } = value as Record<string, unknown>;
  if (typeof query !== 'string') throw refuse('The member query holds no document. Stored documents cannot be judged.');
  if (operationName !== null && typeof operationName !== 'string') throw refuse('operationName is no text.');
  if (typeof variables !== 'object' || Array.isArray(variables)) throw refuse('variables is no object.');
  // Written anew, such a number would be another one.
  if (JSON.stringify(value) !== JSON.stringify(exact))
    throw refuse('A whole number beyond 2^53 cannot be passed on. Write it as a text.');
  return { query, operationName, variables };
}

function readDocument(query: string, provider: string): DocumentNode {
  try {
    return parse(query, { maxLexicalTokens, noLocation: true });
  } catch {
    throw new GatehouseError('invalid_request', 'The GraphQL document cannot be read.', provider);
  }
}

interface Measure {
  fields: number;
  depth: number;
}

class Unfit extends Error {
  override readonly name = 'Unfit';
}

/** Why a document may not go on; undefined: it may. */
function refusalOf({ definitions }: DocumentNode, rules: GraphqlRules): string | undefined {
  const operations = definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
  const fragments = definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION);
  if (operations.length === 0) return 'The document holds no operation.';
  if (operations.length + fragments.length < definitions.length) return 'The document holds more than operations.';
  const named = new Map(fragments.map((each) => [each.name.value, each]));
  if (named.size < fragments.length) return 'Two fragments of the document have one name.';
  try {
    const measures = new Map<string, Measure | 'open'>();
    // Those that no operation uses count as well: the API may look at them.
    for (const fragment of fragments) ofFragment(fragment.name.value, named, measures);
    const found = operations.map((operation) => refusalOfOperation(operation, rules, named, measures));
    return found.find((each) => each !== undefined);
  } catch (error) {
    if (error instanceof Unfit) return error.message;
    if (error instanceof RangeError) return 'The document is nested too deeply.';
    throw error;
  }
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;
type Measures = Map<string, Measure | 'open'>;

function refusalOfOperation(
  { operation, selectionSet }: OperationDefinitionNode,
  { operations, allow, maxDepth, maxFields }: GraphqlRules,
  fragments: Fragments,
  measures: Measures,
): string | undefined {
  if (!operations.has(operation)) return `The provider file allows no ${operation} here.`;
  const { fields, depth } = measure(selectionSet, fragments, measures);
  if (depth > maxDepth) return `The document is ${depth} fields deep; ${maxDepth} are allowed.`;
  if (fields > maxFields) return `The document names more than ${maxFields} fields.`;
  const roots = [...rootFields(selectionSet, fragments)];
  const foreign = allow && roots.find((name) => !allow.has(name));
  return foreign === undefined ? undefined : `The provider file does not list the field ${foreign}.`;
}

/** With every fragment counted as often as it is spread. */
function measure({ selections }: SelectionSetNode, fragments: Fragments, measures: Measures): Measure {
  const whole = { fields: 0, depth: 0 };
  for (const selection of selections) {
    const isField = selection.kind === Kind.FIELD;
    const inner =
      selection.kind === Kind.FRAGMENT_SPREAD
        ? ofFragment(selection.name.value, fragments, measures)
        : selection.selectionSet
          ? measure(selection.selectionSet, fragments, measures)
          : { fields: 0, depth: 0 };
    whole.fields += inner.fields + (isField ? 1 : 0);
    whole.depth = Math.max(whole.depth, inner.depth + (isField ? 1 : 0));
  }
  return whole;
}

function ofFragment(name: string, fragments: Fragments, measures: Measures): Measure {
  const known = measures.get(name);
  if (known === 'open') throw new Unfit('A fragment of the document contains itself.');
  if (known) return known;
  const fragment = fragments.get(name);
  if (!fragment) throw new Unfit('The document spreads a fragment that it does not hold.');
  measures.set(name, 'open');
  const found = measure(fragment.selectionSet, fragments, measures);
  measures.set(name, found);
  return found;
}

/** By the fields' own names, whatever they are called in the response. */
function rootFields(set: SelectionSetNode, fragments: Fragments, seen = new Set<string>()): Set<string> {
  const names = new Set<string>();
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) names.add(selection.name.value);
    else {
      const name = selection.kind === Kind.FRAGMENT_SPREAD ? selection.name.value : undefined;
      if (name !== undefined && seen.has(name)) continue;
      if (name !== undefined) seen.add(name);
      const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      for (const each of inner ? rootFields(inner.selectionSet, fragments, seen) : []) names.add(each);
    }
  }
  return names;
}
