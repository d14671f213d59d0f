import type { ProblemCode } from '../../errors.js';
import type { ProblemText } from './problem-text.js';

/** Each error code in English. */
export const problemsEn: Record<ProblemCode, ProblemText> = {
  invalid_request: {
    title: 'The request is not valid',
    action: 'Go to the home page and try again from there.',
  },
  invalid_return_to: {
    title: 'The return address is not part of this application',
    action:
      'Start from the home page. If a link brought you here, tell the people who made it that its return_to is wrong.',
  },
  state_unknown: {
    title: 'This sign-in did not start here, or has already ended',
    action: 'Start the connection again in this browser, and use one tab for it.',
  },
  state_expired: {
    title: 'This sign-in took too long',
    action: 'Start again and finish signing in within ten minutes.',
  },
  nonce_mismatch: {
    title: 'The identity belongs to another sign-in',
    action: 'Start the connection again. If it happens twice, tell the administrator.',
  },
  issuer_mismatch: {
    title: 'The response came from another authorization server',
    action: 'Nothing was connected. Start again, and tell the administrator if it happens twice.',
  },
  id_token_invalid: {
    title: 'The identity could not be verified',
    action: 'Nothing was connected. Start again, and tell the administrator if it happens twice.',
  },
  code_exchange_rejected: {
    title: 'The sign-in expired or was already used',
    action: 'Start the connection again.',
  },
  login_required: {
    title: 'There is no session in this browser',
    action: 'Connect an account to start one. A session also ends by itself after a while.',
  },
  owner_required: {
    title: 'Sign in first',
    action: 'You sign in once, and find your connections again on every device.',
  },
  owner_expired: {
    title: 'Sign in again',
    action: 'You signed in a while ago. Your connections are kept.',
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
    action:
      'Only the provider sends events here. If it does, the administrator compares the webhook secret on both sides.',
  },
  csrf_required: {
    title: 'The request does not prove that it comes from this application',
    action: 'Go to the home page, reload it, and press the button there.',
  },
  origin_not_allowed: {
    title: 'The request comes from another site',
    action: 'Use the home page of this application. The administrator can allow further origins in ALLOWED_ORIGINS.',
  },
  not_a_navigation: {
    title: 'Connecting starts with a click, not in the background',
    action: 'Go to the home page and press Connect.',
  },
  scope_missing: {
    title: 'A permission is missing',
    action: 'Repair the connection on the home page, and grant the permission at the provider.',
  },
  route_not_allowed: {
    title: 'This call is not allowed',
    action: 'The administrator decides which calls this server forwards. Ask for this one if you need it.',
  },
  interaction_required: {
    title: 'The provider asks for a further step',
    action: 'Start again, and complete there what the provider asks for, such as a second factor. Nothing has changed.',
  },
  access_denied: {
    title: 'The connection was not made',
    action: 'It was refused at the provider or cancelled here. Nothing has changed. You can start again at any time.',
  },
  unknown_provider: {
    title: 'This provider is not available',
    action: 'Choose one from the home page, or check the address.',
  },
  unknown_connection: {
    title: 'There is no such connection',
    action: 'It was disconnected, or it belongs to another person. Your connections are on the home page.',
  },
  not_found: {
    title: 'There is nothing at this address',
    action: 'Check the address, or go to the home page.',
  },
  method_not_allowed: {
    title: 'This address does not accept that method',
    action: 'Use the buttons on the pages, or look up the method in the API description.',
  },
  request_timeout: {
    title: 'The request took too long',
    action: 'Check your network and send it again.',
  },
  connection_ambiguous: {
    title: 'Which connection do you mean?',
    action: 'There are several. Choose the one that you mean.',
  },
  too_many_connections: {
    title: 'There are too many connections',
    action: 'Disconnect one that you do not use any more, and connect again.',
  },
  organization_required: {
    title: 'Choose an organization first',
    action: 'Open the connection and choose the organization whose data you want.',
  },
  account_mismatch: {
    title: 'The connection is of another account',
    action: 'Connect the other account as a further connection, from the home page.',
  },
  variable_required: {
    title: 'The provider needs to know more first',
    action: 'Start again from the home page, and say what the page asks for.',
  },
  not_refreshable: {
    title: 'This connection cannot be refreshed',
    action: 'The provider gives no means to refresh it. Connect again when it ends.',
  },
  confirmation_required: {
    title: 'Confirm the account first',
    action: 'Check the account on the home page and confirm it.',
  },
  body_too_large: {
    title: 'The request is too large',
    action: 'Send less at once.',
  },
  expectation_failed: {
    title: 'The Expect header is not supported',
    action: 'Send the request without the Expect header, or with 100-continue.',
  },
  rate_limited: {
    title: 'Too many requests',
    action: 'Wait a little, then try again.',
  },
  header_too_large: {
    title: 'The header of the request is too large',
    action: 'Delete the cookies of this site in the browser, then open the home page.',
  },
  internal_error: {
    title: 'Something went wrong here',
    action: 'Try again. If it does not help, give the administrator the request id.',
  },
  upstream_unreachable: {
    title: 'The provider cannot be reached',
    action: 'Your connection is kept. Try again in a few minutes.',
  },
  upstream_invalid_response: {
    title: "The provider's response is not valid",
    action: 'Your connection is kept. Try again. If it does not help, tell the administrator.',
  },
  token_response_invalid: {
    title: "The provider's response to the sign-in is not valid",
    action: 'Nothing has changed. Try again. If it does not help, tell the administrator.',
  },
  provider_misconfigured: {
    title: 'The provider is not set up correctly',
    action: 'Only the administrator can fix this. Details are in the log. Connections are kept.',
  },
  refresh_unavailable: {
    title: 'The connection cannot be refreshed right now',
    action: 'It is kept. Try again in a minute.',
  },
  token_endpoint_unavailable: {
    title: 'Signing in at the provider does not work right now',
    action: 'Nothing has changed. Try again in a few minutes.',
  },
  discovery_pending: {
    title: 'The provider is not ready yet',
    action: 'This server is still reading the settings of the provider. Try again in a minute.',
  },
  store_unavailable: {
    title: 'Sessions cannot be read right now',
    action: 'Your connections are kept. Try again in a minute.',
  },
  owner_keys_unavailable: {
    title: 'This server cannot check who is signed in',
    action: 'Nothing has changed. Try again in a moment.',
  },
  upstream_busy: {
    title: 'The provider is busy right now',
    action: 'Too many calls are under way. Try again in a moment.',
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
