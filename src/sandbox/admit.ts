import { realmsOf } from './register-clients.js';
import type { World } from './state/world.js';

export interface AdmittedClient {
  readonly id: string;
  /** Undefined: a public client. */
  readonly secret: string | undefined;
  readonly redirectUri: string;
}

/** Registers a client at the emulator below whose address this one lies. False where it lies below none. */
export function admit(
  { clients, publicUrl, internalUrl, providers }: World,
  address: string,
  { id, secret, redirectUri }: AdmittedClient,
): boolean {
  const found = providers
    .flatMap((provider) => realmsOf(provider).map((realm) => ({ provider, realm })))
    .find(({ realm }) => [publicUrl, internalUrl].some((url) => `${address}/`.startsWith(`${url}/${realm}/`)));
  if (!found) return false;
  clients.register({ ...found, id, secret, redirectUris: [redirectUri] });
  return true;
}
