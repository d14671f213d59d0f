import type { ProblemCode } from '../../errors.js';
import type { ProblemText } from './problem-text.js';

/** Each error code in English. */
export const problemsEn: Record<ProblemCode, ProblemText> = {
  invalid_request: {
    title: 'The request cannot be used',
    action: 'Go back to the start page and try again from there.',
  },
  invalid_return_to: {
    title: 'The way back is not part of this application',
    action: 'Start from the start page. If a link brought you here, tell whoever made it that its return_to is wrong.',
  },
  state_unknown: {
    title: 'This sign-in was not started here, or is finished already',
    action: 'Start the connection again in this browser, and use one tab for it.',
  },
  state_expired: {
    title: 'This sign-in took too long',
    action: 'Start again and finish signing in within ten minutes.',
  },
  nonce_mismatch: {
    title: 'The identity belongs to another sign-in',
    action: 'Start the connection again. If it happens twice, tell the operator.',
  },
  issuer_mismatch: {
    title: 'The answer came from another authorization server',
    action: 'Nothing was connected. Start again, and tell the operator if it happens twice.',
  },
  id_token_invalid: {
    title: 'The identity could not be verified',
    action: 'Nothing was connected. Start again, and tell the operator if it happens twice.',
  },
  code_exchange_rejected: {
    title: 'The sign-in expired or was used already',
    action: 'Start the connection again.',
  },
  login_required: {
    title: 'There is no session in this browser',
    action: 'Connect an account to begin one. Sessions also end by themselves after a while.',
  },
  not_connected: {
    title: 'This provider is not connected',
    action: 'Connect it, then try again.',
  },
  reauth_required: {
    title: 'The provider no longer accepts this connection',
    action: 'Connect again. Your earlier choices at the provider are usually remembered.',
  },
  signature_invalid: {
    title: 'The event is not signed by the provider',
    action: 'Only the provider sends events here. If it does, the operator compares the webhook secret on both sides.',
  },
  csrf_required: {
    title: 'The request does not prove that it comes from this application',
    action: 'Go to the start page, reload it, and press the button there.',
  },
  origin_not_allowed: {
    title: 'The request comes from another site',
    action: 'Use the start page of this application. An operator can allow further origins in ALLOWED_ORIGINS.',
  },
  not_a_navigation: {
    title: 'Connecting starts with a click, not in the background',
    action: 'Go to the start page and press Connect.',
  },
  scope_missing: {
    title: 'A permission is missing',
    action: 'Repair the connection on the start page, and grant the permission at the provider.',
  },
  route_not_allowed: {
    title: 'This call is not on the list',
    action: 'The operator decides which calls are forwarded; ask for this one if you need it.',
  },
  interaction_required: {
    title: 'The provider asks for a further step',
    action: 'Start again, and complete there what it asks for, such as a second factor. Nothing was changed.',
  },
  access_denied: {
    title: 'The connection was not made',
    action: 'It was declined at the provider or cancelled here. Nothing was changed; you can start again at any time.',
  },
  unknown_provider: {
    title: 'This provider is not on offer',
    action: 'Choose one from the start page, or check the spelling of the address.',
  },
  not_found: {
    title: 'There is nothing at this address',
    action: 'Check the address, or go to the start page.',
  },
  method_not_allowed: {
    title: 'This address does not take that method',
    action: 'Use the buttons on the pages, or look up the method in the interface description.',
  },
  request_timeout: {
    title: 'The request took too long',
    action: 'Check your network and send it again.',
  },
  organization_required: {
    title: 'An organization has to be chosen first',
    action: 'Open the connection and choose the organization whose data you want.',
  },
  not_refreshable: {
    title: 'This connection cannot be renewed',
    action: 'The provider gives no means to renew it. Connect again when it ends.',
  },
  confirmation_required: {
    title: 'The account has to be confirmed first',
    action: 'Check the account on the start page and confirm it.',
  },
  body_too_large: {
    title: 'The request is too large',
    action: 'Send less at once.',
  },
  expectation_failed: {
    title: 'The request expects something unknown',
    action: 'Send it without the Expect header, or with 100-continue.',
  },
  rate_limited: {
    title: 'Too many requests',
    action: 'Wait a little, then try again.',
  },
  header_too_large: {
    title: 'The header of the request is too large',
    action: 'Delete the cookies of this site in the browser, then open the start page.',
  },
  internal_error: {
    title: 'Something went wrong here',
    action: 'Try again. If it stays so, give the operator the request id.',
  },
  upstream_unreachable: {
    title: 'The provider cannot be reached',
    action: 'Your connection is kept. Try again in a few minutes.',
  },
  upstream_invalid_response: {
    title: 'The answer of the provider cannot be read',
    action: 'Your connection is kept. Try again, and tell the operator if it stays so.',
  },
  token_response_invalid: {
    title: 'The provider gave an unusable answer while connecting',
    action: 'Nothing was changed. Try again, and tell the operator if it stays so.',
  },
  provider_misconfigured: {
    title: 'The provider is not set up correctly',
    action:
      'Only the operator can mend this, and has been told in the log: the client or the addresses of the provider are wrong. Connections are kept.',
  },
  refresh_unavailable: {
    title: 'The connection cannot be renewed right now',
    action: 'It is kept. Try again in a minute.',
  },
  token_endpoint_unavailable: {
    title: 'Signing in at the provider does not work right now',
    action: 'Nothing was changed. Try again in a few minutes.',
  },
  discovery_pending: {
    title: 'The provider is not ready yet',
    action: 'This server is still reading the set-up of the provider. Try again in a minute.',
  },
  store_unavailable: {
    title: 'Sessions cannot be read right now',
    action: 'Your connections are kept. Try again in a minute.',
  },
  owner_keys_unavailable: {
    title: 'It cannot be checked who is signed in',
    action: 'Nothing was changed. Try again in a moment.',
  },
  shutting_down: {
    title: 'The server is restarting',
    action: 'Try again in a moment.',
  },
  upstream_timeout: {
    title: 'The provider took too long',
    action: 'Try again, or ask for less at once.',
  },
};
