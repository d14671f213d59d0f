import { z } from 'zod';

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const texts = z.record(z.string(), z.unknown()).transform((all) => {
  const said = Object.entries(all).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return Object.fromEntries(said.map(([name, value]) => [name, String(value)]));
});

/** One entry of a catalogue in the format of `providers.yaml`, as far as it says how tokens and calls are made. */
export const entry = z.looseObject({
  alias: z.string().optional(),
  display_name: z.string().optional(),
  auth_mode: z.string().optional(),
  authorization_url: text.optional(),
  token_url: z.unknown().optional(),
  refresh_url: text.optional(),
  authorization_params: texts.optional(),
  authorization_url_replacements: texts.optional(),
  authorization_url_fragment: text.optional(),
  authorization_code_param_in_callback: text.optional(),
  authorization_code_param_in_webhook: text.optional(),
  alternate_access_token_response_path: text.optional(),
  token_params: texts.optional(),
  refresh_params: texts.optional(),
  token_request_auth_method: text.optional(),
  authorization_method: text.optional(),
  body_format: text.optional(),
  token_expiration_buffer: z.number().optional(),
  scope_separator: text.optional(),
  disable_pkce: z.boolean().optional(),
  redirect_uri_metadata: z.array(z.string()).optional(),
  token_response_metadata: z.array(z.string()).optional(),
  connection_config: z
    .record(z.string(), z.looseObject({ pattern: z.string().optional(), automated: z.boolean().optional() }))
    .optional(),
  proxy: z.looseObject({ base_url: text.optional(), headers: texts.optional(), query: texts.optional() }).optional(),
});

export type Entry = z.infer<typeof entry>;
