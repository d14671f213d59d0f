import type { Environment } from '../config/environment.js';
import type { Definitions } from './definition.js';
import { inEnvironment } from './resolve.js';
import type { LocalizedText, ProviderFile } from './schema.js';
import { neededKeys, needsSecret } from './sections/client.js';
import { secretNames, secretVariable } from './secret-value.js';
import { variable, type VariableSuffix } from './variable.js';

/** What an operator has to do before a provider is on offer, and how far that has come. */
export interface SetUpSheet {
  id: string;
  name: string;
  grant: 'authorization_code' | 'client_credentials' | 'api_key';
  /** The environment that is chosen, or would be. */
  environment: string | undefined;
  environments: readonly string[];
  /** Whether each is set by the operator; the sandbox's own clients do not count. */
  variables: readonly { name: string; set: boolean; required: boolean }[];
  checklist: readonly LocalizedText[];
  documentationUrl: string | undefined;
}

/** The sheets, each made when it is asked for. */
export interface SetUpSheets {
  get(id: string): SetUpSheet | undefined;
  all(): SetUpSheet[];
}

/** A sheet for each definition that says where its API is; the others are there to be extended. */
export function setUpSheets(definitions: Definitions, environment: Pick<Environment, 'text'>): SetUpSheets {
  const get = (id: string) => {
    const known = definitions.get(id);
    return known && sheetOf(known.definition, environment);
  };
  return { get, all: () => [...definitions.keys()].flatMap((id) => get(id) ?? []) };
}

function sheetOf(definition: ProviderFile, { text }: Pick<Environment, 'text'>): SetUpSheet | undefined {
  const { id } = definition;
  const environments = Object.entries(definition.environments ?? {}).flatMap(([name, body]) => (body ? [name] : []));
  const chosen = text(variable(id, 'ENVIRONMENT')) ?? definition.default_environment ?? undefined;
  const body = inEnvironment(definition, chosen);
  if (!body.api?.base_url) return undefined;
  const needed = neededKeys(body);
  const ofName = (name: string, required: boolean) => {
    return { name, set: (text(name) ?? text(`${name}_FILE`)) !== undefined, required };
  };
  const of = (suffix: VariableSuffix, required: boolean) => ofName(variable(id, suffix), required);
  return {
    id,
    name: body.name ?? id,
    grant: body.grant ?? 'authorization_code',
    environment: chosen,
    environments,
    variables: [
      body.grant === 'api_key' ? of('OFFERED', true) : of('CLIENT_ID', true),
      ...(needsSecret(body) ? [of('CLIENT_SECRET', true)] : []),
      ...(needed.keys ? [of('PRIVATE_KEY_FILE', true)] : []),
      ...(needed.certificate
        ? [of('CERTIFICATE_FILE', true), ...(needed.keys ? [] : [of('PRIVATE_KEY_FILE', false)])]
        : []),
      ...secretNames(body).map((name) => ofName(secretVariable(id, name), true)),
      ...(environments.length > 1 ? [of('ENVIRONMENT', false)] : []),
      ...(body.webhooks
        ? [of('WEBHOOK_SECRET', false), of('WEBHOOK_FORWARD_URL', false), of('WEBHOOK_FORWARD_SECRET', false)]
        : []),
    ],
    checklist: body.documentation?.checklist ?? [],
    documentationUrl: body.documentation?.url ?? undefined,
  };
}
