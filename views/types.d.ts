/* Types of the pages' scripts. The browser loads those as they are written; the compiler reads them with these types. */
import type { explorerEn } from '../src/views/messages/explorer-en.js';
import type { ExampleCall, ExampleColumn, NextPageRule } from '../src/views/explorer-models.js';

/** The sentences of the data explorer, as the page has them in its language. */
export type Words = typeof explorerEn;

export interface Cell {
  text: string;
  /** Set to the right. */
  number: boolean;
  /** The value as it came, where the text says less. */
  title?: string;
}

export interface Column {
  path: string;
  label: string;
  format: NonNullable<ExampleColumn['format']>;
  number: boolean;
}

export interface Table {
  columns: Column[];
  cells: (from: number, to: number) => Cell[][];
  count: number;
}

export type { ExampleCall, ExampleColumn, NextPageRule };

/** The part of a call that differs between the pages of its response. */
export interface PagedCall {
  path: string;
  body?: string | undefined;
}

export interface Call extends PagedCall {
  method: string;
  headers: Record<string, string>;
  /** The names of the headers that a person typed, in small letters. */
  typed: string[];
}

/** What the form holds: a call as a person types it. `graphql` and `variables` stand for the body. */
export interface Fields {
  method?: string | undefined;
  path?: string | undefined;
  query?: string | undefined;
  headers?: string | undefined;
  body?: string | undefined;
  graphql?: string | undefined;
  variables?: string | undefined;
}

/** Why there is no call in what a person typed: the name of the sentence that says so. */
export interface Wrong {
  wrong: 'badPath' | 'badHeader' | 'badVariables';
}

/** Which part of a response is shown, and how the next page is asked for. */
export interface Shape {
  pointer?: string | undefined;
  columns?: readonly ExampleColumn[] | undefined;
  next?: NextPageRule | undefined;
  lookUp?: ExampleCall['look_up'];
}

/** What a worker is asked to open, and what it answers. */
export interface Opening {
  blob: Blob;
  type: string;
  pointer: string | undefined;
  columns: readonly ExampleColumn[] | undefined;
  pageInfo: string | undefined;
  language: string;
}
export type Opened =
  | { form: 'empty' | 'binary' | 'text'; count?: undefined; errors?: undefined; info?: undefined }
  | { form: 'json'; columns: Column[]; count: number; errors: boolean; info: unknown };

/** The questions that the page asks the worker of a response. */
export interface Answers {
  open(question: Opening): Promise<Opened>;
  rows(question: { from: number; to: number }): Cell[][];
  text(question: { from: number; to: number }): { text: string; length: number };
}

/** A response as far as it was read. */
export interface Received {
  blob: Blob;
  type: string;
  /** It went on past the limit. */
  cut: boolean;
}
