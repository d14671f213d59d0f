import type { Variables } from '../../config/environment.js';
import type { VariablesFile } from '../variables-file.js';
import type { LoadedConfiguration } from '../loaded-configuration.js';

/** `problem`: it does not work, or is not safe. `warning`: it works, and will hurt one day. `note`: good to know. */
export type Level = 'fine' | 'note' | 'warning' | 'problem';

/** One thing that the doctor has seen. No member ever holds a secret. */
export interface Finding {
  level: Level;
  /** A sentence without its full stop. */
  what: string;
  /** A variable with its place, file:line, or an address. */
  where?: string;
  /** What would be right. */
  remedy?: string;
  provider?: string;
}

/** What is looked at. */
export interface Situation extends LoadedConfiguration {
  env: Variables;
  /** The `.env` file, where it counts. */
  file: VariablesFile | undefined;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export interface Check {
  title: string;
  look(situation: Situation): Promise<Finding[]> | Finding[];
}

export const fine = (what: string): Finding => ({ level: 'fine', what });
