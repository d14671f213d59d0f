import { contractText } from './contract-text.js';
import type { Locale } from './locale.js';
import type { OpenApiDocument } from './models.js';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

export interface OperationView {
  /** Several where one text describes them all. */
  methods: string[];
  path: string;
  summary: string;
  description: string;
  parameters: { name: string; place: string; required: boolean }[];
  answers: { status: string; description: string }[];
}

/** The calls of an OpenAPI document in its own order; references are not followed, and what is no text is left out. */
export function operationsOf(document: OpenApiDocument, locale: Locale): OperationView[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    methods
      .map((method) => [method, item[method]] as const)
      .filter(([, operation]) => isObject(operation))
      .map(([method, operation]) => view(method, path, operation, item['parameters'], locale))
      .reduce<OperationView[]>(joined, []),
  );
}

/** Methods of one address that are told in the same words stand in one line. */
function joined(views: OperationView[], next: OperationView): OperationView[] {
  const same = views.find((each) => isSame({ ...each, methods: [] }, { ...next, methods: [] }));
  if (!same) return [...views, next];
  same.methods.push(...next.methods);
  return views;
}

function isSame(one: OperationView, other: OperationView): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function view(method: string, path: string, operation: unknown, shared: unknown, locale: Locale): OperationView {
  const own = member(operation, 'parameters');
  const answers = member(operation, 'responses');
  return {
    methods: [method.toUpperCase()],
    path,
    summary: contractText(textMember(operation, 'summary'), locale),
    description: contractText(textMember(operation, 'description'), locale),
    parameters: [...list(shared), ...list(own)]
      .map((entry) => ({
        name: textMember(entry, 'name'),
        place: textMember(entry, 'in'),
        required: member(entry, 'required') === true,
      }))
      .filter(({ name }) => name !== ''),
    answers: Object.entries(isObject(answers) ? answers : {}).map(([status, answer]) => ({
      status,
      description: contractText(textMember(answer, 'description'), locale),
    })),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function member(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function textMember(value: unknown, name: string): string {
  const text = member(value, name);
  return typeof text === 'string' ? text : '';
}
