import type { Schema } from './schema.js';

/* The part of OpenAPI 3.1 that the document is written in; section numbers are of that specification. */

export type Method = 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch';

/** Section 4.8.12. */
export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  description: string;
  schema: Schema;
}

/** Section 4.8.14. */
export interface MediaType {
  schema: Schema;
  example?: unknown;
}

/** Section 4.8.13. */
export interface RequestBody {
  required: boolean;
  content: Readonly<Record<string, MediaType>>;
}

/** Section 4.8.17. */
export interface Answer {
  description: string;
  headers?: Readonly<Record<string, { description: string; schema: Schema }>>;
  content?: Readonly<Record<string, MediaType>>;
}

/** Answers by status, or `default`. */
export type Answers = Readonly<Record<string, Answer>>;

/** Section 4.8.10. */
export interface Operation {
  operationId: string;
  tags: readonly string[];
  summary: string;
  description?: string;
  parameters?: readonly Parameter[];
  requestBody?: RequestBody;
  responses: Answers;
  /** Any one of them; empty where neither a session nor anything else is needed. */
  security?: readonly Readonly<Record<string, readonly string[]>>[];
}

/** Section 4.8.9. */
export type PathItem = Readonly<Partial<Record<Method, Operation>>> & {
  servers?: readonly Server[];
};

/** Section 4.8.5. */
export interface Server {
  url: string;
  description: string;
  variables?: Readonly<Record<string, { default: string; description: string }>>;
}

export type Paths = Readonly<Record<string, PathItem>>;
