/** Everything that is wrong with the configuration, in one message. */
export class ConfigurationError extends Error {
    problems;
    name = 'ConfigurationError';
    constructor(problems) {
        super(['The configuration cannot be used:', ...problems.map(formatProblem)].join('\n'));
        this.problems = problems;
    }
}
export function formatProblem({ where, what, remedy }) {
    return `  ${where}: ${what}. ${remedy}`;
}
