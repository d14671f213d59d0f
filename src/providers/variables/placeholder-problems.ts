import type { ConfigurationProblem } from '../../config/configuration-error.js';
import type { Definition } from '../definition.js';
import { inEnvironment } from '../resolve.js';
import { variableProblems } from './variable-problems.js';

/** What is wrong with a file's variables and placeholders, in any of its environments, each with file and line. */
export function placeholderProblems({ definition, file, lineOf }: Definition): ConfigurationProblem[] {
  const { id, environments } = definition;
  const layers = [undefined, ...Object.keys(environments ?? {})];
  const problems = layers.flatMap((environment) =>
    variableProblems(inEnvironment(definition, environment)).map(({ path, what, remedy }) => {
      const inside = environment === undefined ? path : ['environments', environment, ...path];
      return { where: `${file}:${lineOf(...inside)}`, what: `${id}: ${what}`, remedy };
    }),
  );
  return [...new Map(problems.map((problem) => [problem.what, problem])).values()];
}
