/** One thing that is wrong: where (a variable, or file:line), what, and what would be right. Never a secret's value. */
export interface ConfigurationProblem {
  where: string;
  what: string;
  remedy: string;
}

/** Everything that is wrong with the configuration, in one message. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(readonly problems: readonly ConfigurationProblem[]) {
    super(['The configuration cannot be used:', ...problems.map(formatProblem)].join('\n'));
  }
}

export function formatProblem({ where, what, remedy }: ConfigurationProblem): string {
  return `  ${where}: ${what}. ${remedy}`;
}
