import type { RequestHandler } from 'express';
import type { World } from '../state/world.js';

export const realm = 'luca-v2';
export const scopes: readonly string[] = ['accounting.read', 'accounting.write'];

export function issuerOf({ publicUrl }: World): string {
  return `${publicUrl}/${realm}`;
}

/** RFC 8414. */
export function metadata(world: World): RequestHandler {
  return (_req, res) => {
    world.calls.count(realm, 'discovery');
    const fault = world.switches.choice(realm, 'discovery');
    if (fault === '500') return void res.status(500).json({ error: 'server_error' });
    const base = `${world.internalUrl}/${realm}`;
    res.json({
      issuer: fault === 'wrong_issuer' ? 'https://issuer.example' : issuerOf(world),
      authorization_endpoint: `${issuerOf(world)}/oauth/authorize`,
      token_endpoint: `${base}/oauth/token`,
      revocation_endpoint: `${base}/oauth/revoke`,
      introspection_endpoint: `${base}/oauth/introspect`,
      scopes_supported: scopes,
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    });
  };
}

/** RFC 9728. */
export function protectedResource(world: World): RequestHandler {
  return (_req, res) => {
    res.json({
      resource: `${world.internalUrl}/${realm}`,
      authorization_servers: [issuerOf(world)],
      scopes_supported: scopes,
      bearer_methods_supported: ['header'],
    });
  };
}
