import type { GivenVariables } from '../read-variables.js';

/** Where a command writes, and what it knows of the outside. */
export interface Surroundings extends GivenVariables {
  /** What was asked for, for a person or a program. */
  write(text: string): void;
  /** Hints, warnings and log lines, which do not belong to the answer. */
  note(text: string): void;
  /** Says what is under way, on a terminal alone; the empty text takes it away. */
  progress(text: string): void;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** 0: as it should be. 1: something is wrong, or was not done. 2: the command was not understood. */
export type ExitCode = 0 | 1 | 2;

export interface Command {
  /** What --help says. */
  help: string;
  run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode>;
}

/** The command was not understood; the message says what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** It was understood and cannot be done; the message says why, and holds no secret. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
