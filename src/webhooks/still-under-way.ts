import { GatehouseError } from '../errors.js';

/** The code says that nothing is wrong with the event: what the store holds of it is not settled yet. */
export function stillUnderWay(provider: string): GatehouseError {
  const detail = 'This event is being passed on already, and it is not known yet whether it arrives. Send it again.';
  return new GatehouseError('store_unavailable', detail, { provider, retryAfter: 3 });
}
