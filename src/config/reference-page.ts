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

Set environment variables, or a \`.env\` file in development (the environment wins). If the configuration has errors, the server does not start. It reports all of them
together, by variable name. \`gatehouse doctor\` reports them with file and line. A variable marked with * holds a secret and can come from a file instead, with \`_FILE\` after
its name: \`SESSION_SECRET_FILE=/run/secrets/session\`.`;

function table(variables: readonly VariableReference[]): string {
  const rows = variables.map(({ name, meaning, fallback, example, secret }) => {
    const shown = example === undefined ? '' : ` Such as \`${example}\`.`;
    return `| \`${name}\`${secret === true ? ' \\*' : ''} | ${meaning}.${shown} | ${fallback} |`;
  });
  return ['| Name | Meaning | If it is not set |', '| --- | --- | --- |', ...rows].join('\n');
}
