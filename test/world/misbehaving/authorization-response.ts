import { htmlReply, redirectReply } from '../reply.js';
import type { Reply } from '../reply.js';

/** How an authorization response departs from RFC 6749 section 4.1.2. */
export interface AuthorizationBend {
  /** Laid over the right parameters: undefined removes one, a list sends it several times. */
  parameters?: Record<string, string | string[] | undefined>;
  /** Changes them by hand, after `parameters`. */
  change?: (parameters: URLSearchParams, request: URLSearchParams) => void;
  mode?: 'query' | 'fragment' | 'form_post';
  /** Sent in place of the response, such as a redirect to another authorization server with the same state (mix-up). */
  reply?: Reply | ((request: URLSearchParams) => Reply);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function formPost(redirectUri: string, parameters: URLSearchParams): Reply {
  const inputs = [...parameters].map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  const action = escapeHtml(redirectUri);
  return htmlReply(
    `<!doctype html><title>One moment</title><body onload="document.forms[0].submit()">
<form method="post" action="${action}">${inputs.join('')}<button>Continue</button></form>`,
  );
}

/** The way back to the client: right, unless it is bent. */
export function authorizationResponse(
  redirectUri: string,
  right: Record<string, string>,
  request: URLSearchParams,
  bend: AuthorizationBend = {},
): Reply {
  if (bend.reply) return typeof bend.reply === 'function' ? bend.reply(request) : bend.reply;
  const parameters = new URLSearchParams(right);
  for (const [name, value] of Object.entries(bend.parameters ?? {})) {
    parameters.delete(name);
    for (const each of [value ?? []].flat()) parameters.append(name, each);
  }
  bend.change?.(parameters, request);
  if (bend.mode === 'form_post') return formPost(redirectUri, parameters);
  const back = new URL(redirectUri);
  if (bend.mode === 'fragment') back.hash = parameters.toString();
  else for (const [name, value] of parameters) back.searchParams.append(name, value);
  return redirectReply(back.href);
}

/** The person, or the server, says no (RFC 6749 section 4.1.2.1). */
export function refused(error = 'access_denied', description?: string): AuthorizationBend {
  return { parameters: { code: undefined, error, error_description: description } };
}

function double(name: string, second?: string): AuthorizationBend {
  return { change: (parameters) => parameters.append(name, second ?? parameters.get(name) ?? '') };
}

/** Responses that are not known as an answer to anything: 400, and the token endpoint is never called. */
export const unknownResponses: Record<string, AuthorizationBend> = {
  'state is missing': { parameters: { state: undefined } },
  'state is empty': { parameters: { state: '' } },
  'state is wrong': { parameters: { state: 'x'.repeat(43) } },
  'state differs in its last character': {
    change: (parameters) => {
      const state = parameters.get('state') ?? '';
      parameters.set('state', `${state.slice(0, -1)}${state.endsWith('A') ? 'B' : 'A'}`);
    },
  },
  'state comes twice': double('state'),
  'state comes twice, wrong the second time': double('state', 'wrong'),
  'code comes twice': double('code'),
  'code comes twice, another the second time': double('code', 'code_another'),
  'error comes without state': { parameters: { code: undefined, error: 'access_denied', state: undefined } },
  'error comes with a wrong state': { parameters: { code: undefined, error: 'access_denied', state: 'wrong' } },
  'response is in the fragment': { mode: 'fragment' },
};

/** Responses to a known attempt that end it: the token endpoint is never called. */
export const refusedResponses: Record<string, AuthorizationBend> = {
  'code is missing': { parameters: { code: undefined } },
  'code is empty': { parameters: { code: '' } },
  'code and error come together': { parameters: { error: 'access_denied' } },
  'issuer is another one': { parameters: { iss: 'https://another.test' } },
  'issuer has a slash more': { change: (parameters) => parameters.set('iss', `${parameters.get('iss') ?? ''}/`) },
  'issuer is in capitals': {
    change: (parameters) => parameters.set('iss', (parameters.get('iss') ?? '').toUpperCase()),
  },
  'issuer is empty': { parameters: { iss: '' } },
  'person refuses': refused(),
  'server has an error': refused('server_error'),
  'error is one nobody knows': refused('made_up_error'),
  'error description holds a script': refused('access_denied', '<script>alert(1)</script>'),
  'error description breaks out of an attribute': refused('access_denied', `" onmouseover="alert(1)`),
  'error holds a script': refused('<img src=x onerror=alert(1)>'),
};
