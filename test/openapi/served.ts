import type { OpenApi } from '../../src/openapi/document.js';
import type { Method, Operation, PathItem } from '../../src/openapi/operation.js';
import type { Browser } from '../world/browser.js';

export interface DocumentedOperation {
  path: string;
  method: Method;
  operation: Operation;
}

const methods: readonly Method[] = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];

/** The document as the running app serves it. */
export async function servedDocument(browser: Browser): Promise<OpenApi> {
  return (await browser.get('/openapi.json')).json as OpenApi;
}

export function methodsOf(item: PathItem): Method[] {
  return methods.filter((method) => item[method] !== undefined);
}

export function operationsIn({ paths }: OpenApi): DocumentedOperation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    methodsOf(item).map((method) => ({ path, method, operation: item[method]! })),
  );
}

/** Every member called $ref, anywhere. */
export function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => (name === '$ref' ? [String(member)] : referencesIn(member)));
}

/** What a JSON pointer in a fragment leads to (RFC 6901 section 6). */
export function resolve(document: unknown, reference: string): unknown {
  return decodeURIComponent(reference.replace(/^#\//, ''))
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], document);
}
