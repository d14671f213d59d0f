import type { ConfigurationProblem } from '../config/configuration-error.js';
import { reference } from '../config/reference.js';
import type { Definition } from './definition.js';
import type { ProviderFileBody } from './schema.js';
import { secretNames, secretVariable, type Secrets } from './secret-value.js';
import { reservedSuffixes, variable } from './variable.js';

/** What the operator has set of the secrets that the file asks for in its environment. */
export function readSecrets(id: string, body: ProviderFileBody, read: (name: string) => string | undefined): Secrets {
  const found = secretNames(body).map((name) => [name, read(secretVariable(id, name))] as const);
  return Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/**
 * A secret whose variable is one of Gatehouse's own or of another provider: `b` has `B_C_KEY` of its secret `C_KEY`, and so
 * has `b-c` of its `KEY`. One value would go to two providers.
 */
export function foreignSecrets(
  definitions: ReadonlyMap<string, Definition>,
  offered: Iterable<string>,
): ConfigurationProblem[] {
  const owners = new Map<string, string>();
  for (const { name } of reference.flatMap(({ variables }) => variables))
    if (!name.startsWith('<ID>')) owners.set(name, 'Gatehouse');
  for (const id of definitions.keys())
    for (const suffix of reservedSuffixes) owners.set(variable(id, suffix), `the provider ${id}`);
  const problems: ConfigurationProblem[] = [];
  for (const id of offered) {
    const { definition, file } = definitions.get(id) ?? {};
    const layers = [definition, ...Object.values(definition?.environments ?? {})];
    for (const name of new Set(layers.flatMap((each) => (each ? secretNames(each) : [])))) {
      const owned = secretVariable(id, name);
      const other = owners.get(owned) ?? owners.get(`${owned}_FILE`);
      if (other !== undefined && other !== `the provider ${id}`)
        problems.push({
          where: file ?? id,
          what: `${id}: ${owned} is a variable of ${other}`,
          remedy: 'Choose another name.',
        });
      owners.set(owned, `the provider ${id}`);
    }
  }
  return problems;
}
