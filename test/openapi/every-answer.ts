import { openApiDocument, type OpenApi } from '../../src/openapi/document.js';
import type { Method } from '../../src/openapi/operation.js';
import type { Answer, Outgoing } from '../world/answer.js';
import { contractOf } from './contract.js';

/** What of any answer of ours, wherever it was asked for, goes against the document. */
export type AnswerCheck = (
  request: Pick<Outgoing, 'method' | 'headers'>,
  /** Below the path of PUBLIC_URL, without the query. */
  path: string,
  answer: Pick<Answer, 'status' | 'headers' | 'text'>,
) => string[];

/** The document of the code under test; its server and the name of its cookie decide nothing here. */
export function answerCheck(
  document: OpenApi = openApiDocument({ serverUrl: 'http://localhost', cookie: 'gatehouse' }),
): AnswerCheck {
  const contract = contractOf(document);
  return ({ method, headers }, path, answer) => {
    const { status } = answer;
    const asked = method.toLowerCase();
    // What any address does (the document tells it in its description).
    if (asked === 'options' && headers['access-control-request-method'] !== undefined)
      return status === 204 && answer.text === '' ? [] : [`a preflight is answered ${status}`];
    if (status === 308 && headers['x-forwarded-proto'] === 'http') return [];
    const template = templateOf(document, path);
    if (template === undefined) return outside(path, answer);
    const item = document.paths[template] ?? {};
    // HEAD is GET without the body (RFC 9110 section 9.3.2), which no operation documents for itself but the proxied ones.
    const known = (asked in item ? asked : asked === 'head' && item.get ? 'get' : undefined) as Method | undefined;
    if (known === undefined || (asked === 'head' && status === 405))
      return problemOnly(answer, ['method_not_allowed', ...refusals]);
    return contract(known, template, answer, { bodiless: asked === 'head' });
  };
}

/** Refused before anybody looks at the address. */
const refusals = ['invalid_request', 'shutting_down', 'internal_error', 'expectation_failed'];

function outside(path: string, answer: Pick<Answer, 'status' | 'headers' | 'text'>): string[] {
  if (path.startsWith('/assets/') && [200, 304].includes(answer.status)) return [];
  return problemOnly(answer, ['not_found', 'store_unavailable', 'body_too_large', 'method_not_allowed', ...refusals]);
}

function problemOnly(
  { status, headers, text }: Pick<Answer, 'status' | 'headers' | 'text'>,
  codes: string[],
): string[] {
  const type = headers['content-type'] ?? '';
  if (status < 400) return [`${status} is not documented here`];
  if (type.startsWith('text/html') || text === '') return [];
  if (!type.startsWith('application/problem+json')) return [`${type} is not documented here`];
  const { code } = JSON.parse(text) as { code?: string };
  return codes.includes(code ?? '') ? [] : [`${String(code)} is not documented here`];
}

/** The documented path that an address falls under; one without parameters before one with them. */
export function templateOf({ paths }: OpenApi, path: string): string | undefined {
  const matches = Object.keys(paths).filter((template) => pattern(template).test(path));
  return matches.sort((one, other) => one.split('{').length - other.split('{').length)[0];
}

const patterns = new Map<string, RegExp>();

function pattern(template: string): RegExp {
  const known = patterns.get(template);
  if (known) return known;
  const source = template
    .replace(/[.*+?^$()|[\]\\]/g, '\\$&')
    // The path below a proxied provider holds slashes, and may be empty.
    .replace('{path}', '.*')
    .replaceAll(/\{\w+\}/g, '[^/]+');
  const made = new RegExp(`^${source}/?$`);
  patterns.set(template, made);
  return made;
}
