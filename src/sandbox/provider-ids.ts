/** The providers that have an emulator of their own. */
export const providerIds = [
  'request-finance',
  'request-finance-m2m',
  'invoiced',
  'luca',
  'luca-v2',
  'financefeast',
] as const;

export type OwnEmulator = (typeof providerIds)[number];

/** A provider with an emulator of its own, or one that the engine in `pack` emulates by its provider file. */
export type ProviderId = string;

export function hasOwnEmulator(provider: ProviderId): provider is OwnEmulator {
  return providerIds.some((id) => id === provider);
}
