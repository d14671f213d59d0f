/** What follows the provider's id in the names of variables. */
export const reservedSuffixes = [
  'CLIENT_ID',
  'CLIENT_SECRET',
  'ENVIRONMENT',
  'SHARED_CLIENT',
  'WEBHOOK_SECRET',
  'WEBHOOK_FORWARD_URL',
  'WEBHOOK_FORWARD_SECRET',
  'WEBHOOK_FORWARD_TIMEOUT',
  'WEBHOOK_QUEUE',
  'PRIVATE_KEY_FILE',
  'CERTIFICATE_FILE',
  'OFFERED',
] as const;

export type VariableSuffix = (typeof reservedSuffixes)[number];

/** `<ID>_<suffix>`. */
export function variable(id: string, suffix: VariableSuffix): string {
  return `${variablePrefix(id)}_${suffix}`;
}

/** The provider's id in capitals, `-` as `_`. */
export function variablePrefix(id: string): string {
  return id.toUpperCase().replaceAll('-', '_');
}
