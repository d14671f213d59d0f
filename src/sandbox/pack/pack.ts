import { Router, type RequestHandler } from 'express';
import { interactionRoutes } from '../interactions.js';
import type { World } from '../state/world.js';
import { placeOf } from './addresses.js';
import { packApi } from './api.js';
import type { Emulator } from './emulator.js';
import { packFront } from './front.js';
import { metadata } from './metadata.js';
import { isRevocation, revoke } from './revoke.js';
import { tokenEndpoint } from './token.js';

/** One provider, played by its file: each request goes to what the file has at its place. */
export function packProvider(world: World, emulator: Emulator): Router {
  const { endpoints, variables, protocol } = emulator.file;
  const isAt = (name: string, fallback: string) => {
    const address = endpoints?.[name] ?? (protocol === 'oidc' ? `https://_/${fallback}` : undefined);
    const place = address === undefined ? undefined : placeOf(address, variables);
    return (path: string) => place?.(path) !== undefined;
  };
  const isAuthorization = isAt('authorization', 'authorize');
  const [isToken, isRefresh] = [isAt('token', 'token'), isAt('refresh', 'token')];
  const isJwks = isAt('jwks', 'jwks');
  const front = interactionRoutes(world, packFront(world, emulator));
  const [token, ending, api] = [tokenEndpoint(world, emulator), revoke(world, emulator), packApi(world, emulator)];

  const router = Router();
  router.get('/_/metadata', metadata(world, emulator));
  const choose: RequestHandler = (req, res, next) => {
    const { method, path } = req;
    if (method === 'GET' && isJwks(path)) return void res.json(world.keys.jwks);
    if (isRevocation(emulator, method, path)) return ending(req, res, next);
    if (method === 'POST' && (isToken(path) || isRefresh(path))) return token(req, res, next);
    const isPage = /^\/(?:interaction|sign-in|consent)$/.test(path) || (method === 'GET' && isAuthorization(path));
    return isPage ? front(req, res, next) : api(req, res, next);
  };
  router.use(choose);
  return router;
}
