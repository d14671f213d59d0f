import { htmlReply } from '../reply.js';
import type { Reply } from '../reply.js';
import { authorizationResponse } from './authorization-response.js';
import type { ServerState } from './state.js';

/** What is wrong with an authorization request, as an error code of RFC 6749 section 4.1.2.1. */
function fault(request: URLSearchParams): string | undefined {
  const names = [...request.keys()];
  if (names.some((name, index) => names.indexOf(name) !== index)) return 'invalid_request';
  if (request.get('response_type') !== 'code') return 'unsupported_response_type';
  const challenge = request.get('code_challenge');
  if (challenge === null) return request.has('code_challenge_method') ? 'invalid_request' : undefined;
  const isS256 = request.get('code_challenge_method') === 'S256' && /^[A-Za-z0-9_-]{43}$/.test(challenge);
  return isS256 ? undefined : 'invalid_request';
}

/** Sends the person straight back; no page, no question. */
export function answerAuthorization(state: ServerState, request: URLSearchParams): Reply {
  state.authorizationRequests.push(request);
  const redirectUri = request.get('redirect_uri') ?? '';
  if (request.get('client_id') !== state.options.clientId || !URL.canParse(redirectUri))
    return htmlReply('<!doctype html><title>Error</title><p>Unknown client or redirect_uri', 400);

  const requestState = request.get('state');
  const both = {
    ...(requestState === null ? {} : { state: requestState }),
    ...(state.options.issParameter ? { iss: state.issuer } : {}),
  };
  const error = fault(request);
  if (error) return authorizationResponse(redirectUri, { error, ...both }, request);

  const code = state.grants.authorize({
    redirectUri,
    scope: request.get('scope') ?? '',
    sub: state.person.sub,
    challenge: request.get('code_challenge') ?? undefined,
    nonce: request.get('nonce') ?? undefined,
  });
  return authorizationResponse(redirectUri, { code, ...both }, request, state.bend.authorization);
}
