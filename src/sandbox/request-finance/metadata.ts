import type { RequestHandler } from 'express';
import type { World } from '../state/world.js';

export const realm = 'request-finance';

/** With its final slash, which belongs to it. */
export function issuerOf({ publicUrl }: World): string {
  return `${publicUrl}/${realm}/`;
}

/**
 * The discovery document with the habits of the real one: no end_session_endpoint, no `iss` in the callback, HS256 still
 * listed, and valid scopes that scopes_supported does not name.
 */
export function metadata(world: World): RequestHandler {
  return (_req, res) => {
    world.calls.count(realm, 'discovery');
    const fault = world.switches.choice(realm, 'discovery');
    if (fault === '500') return void res.status(500).json({ error: 'server_error' });
    const base = `${world.internalUrl}/${realm}`;
    res.json({
      issuer: fault === 'wrong_issuer' ? 'https://issuer.example/' : issuerOf(world),
      authorization_endpoint: `${world.publicUrl}/${realm}/authorize`,
      token_endpoint: `${base}/oauth/token`,
      device_authorization_endpoint: `${base}/oauth/device/code`,
      userinfo_endpoint: `${base}/userinfo`,
      mfa_challenge_endpoint: `${base}/mfa/challenge`,
      jwks_uri: `${base}/.well-known/jwks.json`,
      registration_endpoint: `${base}/oidc/register`,
      revocation_endpoint: `${base}/oauth/revoke`,
      backchannel_authentication_endpoint: `${base}/bc-authorize`,
      scopes_supported: [
        'openid',
        'profile',
        'offline_access',
        'name',
        'given_name',
        'family_name',
        'nickname',
        'picture',
      ],
      response_types_supported: ['code', 'token', 'id_token', 'code token', 'code id_token', 'token id_token'],
      response_modes_supported: ['query', 'fragment', 'form_post'],
      subject_types_supported: ['public'],
      code_challenge_methods_supported: ['S256', 'plain'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
      id_token_signing_alg_values_supported: ['HS256', 'RS256', 'PS256'],
      claims_supported: [
        'aud',
        'email',
        'email_verified',
        'exp',
        'family_name',
        'given_name',
        'iat',
        'iss',
        'name',
        'sub',
      ],
      request_uri_parameter_supported: false,
      request_parameter_supported: false,
    });
  };
}
