import Ajv, { type ValidateFunction } from 'ajv';
import type { OpenApi } from '../../src/openapi/document.js';
import type { Method } from '../../src/openapi/operation.js';
import type { Answer } from '../world/answer.js';

/** What of an answer goes against the document; nothing when it keeps to it. */
export type Contract = (
  method: Method,
  path: string,
  answer: Pick<Answer, 'status' | 'headers' | 'text'>,
  /** The answer to HEAD has no body to be looked at. */
  options?: { bodiless?: boolean },
) => string[];

const pointer = (...steps: string[]) =>
  steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');

/** Status, headers, type and body of answers against the document, which is read as JSON Schema. */
export function contractOf(document: OpenApi): Contract {
  const ajv = new Ajv({ allErrors: true, format: 'full' });
  ajv.addSchema(document, 'contract');
  for (const schema of Object.values(document.components.schemas))
    if (!ajv.validateSchema(schema)) throw new Error(ajv.errorsText());
  const compiled = new Map<string, ValidateFunction>();
  const checkAt = (at: string): ValidateFunction => {
    const check = compiled.get(at) ?? ajv.compile({ $ref: `contract#/${at}` });
    compiled.set(at, check);
    return check;
  };

  return (method, path, { status, headers, text }, { bodiless = false } = {}) => {
    const responses = document.paths[path]?.[method]?.responses ?? {};
    // An answer of the provider is what it is; one of ours is known by its mark.
    const upstream = path.startsWith('/proxy/') && headers['x-gatehouse-error'] === undefined;
    if (upstream) return speaksAsUs(headers, text) ? ['a problem of ours without X-Gatehouse-Error'] : [];
    const key = [String(status), 'default'].find((each) => responses[each] !== undefined);
    if (key === undefined) return [`${status} is not documented`];
    const { content, headers: documented = {} } = responses[key]!;
    const missing = Object.keys(documented)
      .filter((name) => required.has(name) && headers[name.toLowerCase()] === undefined)
      .map((name) => `the header ${name} is missing`);
    if (!content || status === 304) return text === '' ? missing : [...missing, 'a body is not documented'];
    const type = (headers['content-type'] ?? '').split(';')[0]!;
    if (!content[type]) return [...missing, `${type || 'no type'} is not documented for ${key}`];
    if (!type.endsWith('json') || bodiless) return missing;
    const check = checkAt(pointer('paths', path, method, 'responses', key, 'content', type, 'schema'));
    if (check(JSON.parse(text)) === true) return missing;
    return [
      ...missing,
      ...(check.errors ?? []).map((error) => `${error.dataPath || 'the body'} ${error.message ?? ''}`),
    ];
  };
}

/** Those that an answer must carry where they are documented. */
const required = new Set(['Location', 'Retry-After', 'X-Gatehouse-Error', 'ETag']);

function speaksAsUs(headers: Answer['headers'], text: string): boolean {
  return (headers['content-type'] ?? '').startsWith('application/problem+json') && text.includes('urn:gatehouse:');
}
