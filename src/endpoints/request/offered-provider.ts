import type { RequestHandler } from 'express';
import { GatehouseError } from '../../errors.js';
import type { Provider } from '../../providers/provider.js';
import type { ProviderRegistry } from '../../providers/registry.js';

/** The provider of a path, or 404; what was asked for is not repeated. */
export function offeredProvider(registry: ProviderRegistry, id: unknown): Provider {
  const provider = typeof id === 'string' ? registry.get(id) : undefined;
  if (!provider)
    throw new GatehouseError(
      'unknown_provider',
      'No provider of this name is on offer here. The home page lists those that are.',
    );
  return provider;
}

/** A provider that a person can connect; one with client credentials has nobody to send anywhere. */
export function connectableProvider(registry: ProviderRegistry, id: unknown): Provider {
  const provider = offeredProvider(registry, id);
  if (provider.grant === 'client_credentials')
    throw new GatehouseError(
      'unknown_provider',
      `${provider.name} is used with the operator's own account; there is nothing to connect.`,
      provider.id,
    );
  return provider;
}

/** Answers 404 before anything is counted or written for a start that leads nowhere. */
export function onlyConnectable(registry: ProviderRegistry): RequestHandler {
  return (req, _res, next) => {
    connectableProvider(registry, req.params['provider']);
    next();
  };
}
