export type VariableSuffix =
  'CLIENT_ID' | 'CLIENT_SECRET' | 'ENVIRONMENT' | 'SHARED_CLIENT' | 'WEBHOOK_SECRET' | WebhookForwardSuffix;
type WebhookForwardSuffix = 'WEBHOOK_FORWARD_URL' | 'WEBHOOK_FORWARD_SECRET' | 'WEBHOOK_FORWARD_TIMEOUT';

/** `<ID>_<suffix>`: the provider's id in capitals, `-` as `_`. */
export function variable(id: string, suffix: VariableSuffix): string {
  return `${id.toUpperCase().replaceAll('-', '_')}_${suffix}`;
}
