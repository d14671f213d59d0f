import type { IncomingMessage, ServerResponse } from 'node:http';
import type { InteractionDetails } from 'oidc-provider';
import type Provider from 'oidc-provider';
import { readBody } from './listen.js';
import { htmlReply, sendReply } from './reply.js';

function page(title: string, form: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>
<form method="post">${form}</form></html>`;
}

const signIn = page(
  'Sign in',
  `<label>Name <input name="login" autocomplete="username"></label>
<label>Password <input type="password" name="password"></label>
<button name="decision" value="allow">Sign in</button> <button name="decision" value="deny">Cancel</button>`,
);

const consent = page(
  'Allow access?',
  `<button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Refuse</button>`,
);

/** A grant with everything that the prompt found missing. */
async function grantMissing(
  provider: Provider,
  { grantId, session, params, prompt }: InteractionDetails,
): Promise<string> {
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const grant =
    known ?? new provider.Grant({ accountId: session?.accountId ?? '', clientId: String(params['client_id']) });
  const { missingOIDCScope, missingResourceScopes = {} } = prompt.details;
  if (missingOIDCScope) grant.addOIDCScope(missingOIDCScope.join(' '));
  for (const [resource, scopes] of Object.entries(missingResourceScopes))
    grant.addResourceScope(resource, scopes.join(' '));
  return grant.save();
}

/** The pages on which a person signs in and agrees: plain forms, nothing loaded from anywhere. */
export async function showInteraction(provider: Provider, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const details = await provider.interactionDetails(req, res);
  if (req.method !== 'POST') return sendReply(res, htmlReply(details.prompt.name === 'login' ? signIn : consent));
  const form = new URLSearchParams((await readBody(req)).toString());
  if (form.get('decision') === 'deny') {
    const refusal = { error: 'access_denied', error_description: 'The person refused' };
    return provider.interactionFinished(req, res, refusal, { mergeWithLastSubmission: false });
  }
  const result =
    details.prompt.name === 'login'
      ? { login: { accountId: form.get('login') ?? '' } }
      : { consent: { grantId: await grantMissing(provider, details) } };
  return provider.interactionFinished(req, res, result, { mergeWithLastSubmission: true });
}
