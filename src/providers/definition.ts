import type { ProviderFile } from './schema.js';

/** A definition after `extends`, and the file that its problems are told with. */
export interface Definition {
  definition: ProviderFile;
  file: string;
  /** The line of a key, or of the nearest one above it that is written there. */
  lineOf: (...path: PropertyKey[]) => number;
}

/** Definitions by id. Those of the catalogue are read when they are asked for; `own` names those of the operator's folder. */
export type Definitions = ReadonlyMap<string, Definition> & { readonly own?: ReadonlySet<string> };
