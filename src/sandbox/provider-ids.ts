export const providerIds = [
  'request-finance',
  'request-finance-m2m',
  'invoiced',
  'luca',
  'luca-v2',
  'financefeast',
] as const;

export type ProviderId = (typeof providerIds)[number];

export function isProviderId(value: unknown): value is ProviderId {
  return providerIds.some((id) => id === value);
}
