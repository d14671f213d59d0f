import { reference, type VariableReference } from './reference.js';

/** docs/configuration.md, whole, before it is formatted. */
export function referencePage(): string {
  const sections = reference.map(({ title, intro, variables }) =>
    [`## ${title}`, ...(intro === undefined ? [] : [intro]), table(variables)].join('\n\n'),
  );
  return `${head}\n\n${sections.join('\n\n')}\n`;
}

const head = `# Configuration

<!-- Written by "npm run reference" from src/config/reference.ts. -->

Environment variables, or a \`.env\` file in development (what the environment says wins). Everything that is wrong is said at once, by name, and the server does not
start; \`gatehouse doctor\` says the same with file and line. A variable marked with * holds a secret and can be given as a file instead, with \`_FILE\` behind its name:
\`SESSION_SECRET_FILE=/run/secrets/session\`.`;

function table(variables: readonly VariableReference[]): string {
  const rows = variables.map(({ name, meaning, fallback, example, secret }) => {
    const shown = example === undefined ? '' : ` Such as \`${example}\`.`;
    return `| \`${name}\`${secret === true ? ' \\*' : ''} | ${meaning}.${shown} | ${fallback} |`;
  });
  return ['| Name | Meaning | Where it is not set |', '| --- | --- | --- |', ...rows].join('\n');
}
