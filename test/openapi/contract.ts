import Ajv from 'ajv';
import type { OpenApi } from '../../src/openapi/document.js';
import type { Method } from '../../src/openapi/operation.js';
import type { Answer } from '../world/transport.js';

/** What of an answer goes against the document; nothing when it keeps to it. */
export type Contract = (method: Method, path: string, answer: Pick<Answer, 'status' | 'headers' | 'text'>) => string[];

const pointer = (...steps: string[]) =>
  steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');

/** Status, type and body of answers against the document, which is read as JSON Schema. */
export function contractOf(document: OpenApi): Contract {
  const ajv = new Ajv({ allErrors: true, format: 'full' });
  ajv.addSchema(document, 'contract');
  for (const schema of Object.values(document.components.schemas))
    if (!ajv.validateSchema(schema)) throw new Error(ajv.errorsText());

  return (method, path, { status, headers, text }) => {
    const responses = document.paths[path]?.[method]?.responses ?? {};
    const key = [String(status), 'default'].find((each) => responses[each] !== undefined);
    if (key === undefined) return [`${status} is not documented`];
    const type = (headers['content-type'] ?? '').split(';')[0]!;
    const { content } = responses[key]!;
    if (!content) return text === '' ? [] : ['a body is not documented'];
    if (!content[type]) return [`${type} is not documented for ${key}`];
    if (!type.endsWith('json')) return [];
    const at = pointer('paths', path, method, 'responses', key, 'content', type, 'schema');
    const check = ajv.compile({ $ref: `contract#/${at}` });
    if (check(JSON.parse(text)) === true) return [];
    return (check.errors ?? []).map((error) => `${error.dataPath || 'the body'} ${error.message ?? ''}`);
  };
}
