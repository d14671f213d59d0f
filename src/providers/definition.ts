import type { ProviderFile } from './schema.js';

/** A definition after `extends`, and the file that its problems are told with. */
export interface Definition {
  definition: ProviderFile;
  file: string;
}
