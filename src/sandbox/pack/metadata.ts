import type { RequestHandler } from 'express';
import type { World } from '../state/world.js';
import type { Emulator } from './emulator.js';
import { moveToSandbox } from './addresses.js';

/** OpenID Connect Discovery 1.0, for files that name an issuer alone. */
export function metadata(world: World, emulator: Emulator): RequestHandler {
  const { id, definition } = emulator;
  const { endpoints, issuer } = moveToSandbox(definition, world);
  const internal = `${world.internalUrl}/pack/${id}/_`;
  const document = {
    issuer: issuer ?? '',
    authorization_endpoint: endpoints?.authorization ?? `${world.publicUrl}/pack/${id}/_/authorize`,
    token_endpoint: endpoints?.token ?? `${internal}/token`,
    revocation_endpoint: endpoints?.revocation ?? `${internal}/revoke`,
    userinfo_endpoint: endpoints?.userinfo ?? `${internal}/userinfo`,
    jwks_uri: endpoints?.jwks ?? `${internal}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
  return (_req, res) => {
    world.calls.count(id, 'discovery');
    res.json(document);
  };
}
