export type VariableSuffix =
  'CLIENT_ID' | 'CLIENT_SECRET' | 'ENVIRONMENT' | 'SHARED_CLIENT' | 'WEBHOOK_SECRET' | WebhookForwardSuffix;
type WebhookForwardSuffix = 'WEBHOOK_FORWARD_URL' | 'WEBHOOK_FORWARD_SECRET' | 'WEBHOOK_FORWARD_TIMEOUT';

/** `<ID>_<suffix>`. */
export function variable(id: string, suffix: VariableSuffix): string {
  return `${variablePrefix(id)}_${suffix}`;
}

/** The provider's id in capitals, `-` as `_`. */
export function variablePrefix(id: string): string {
  return id.toUpperCase().replaceAll('-', '_');
}
