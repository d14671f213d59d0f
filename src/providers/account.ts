import type { ConfigurationProblem } from '../config/configuration-error.js';
import { optional } from './optional.js';
import type { Provider } from './provider.js';
import type { ProviderFileBody } from './schema.js';

/** What keeps the account from being read as the file says. */
export function accountProblems(id: string, body: ProviderFileBody, file: string): ConfigurationProblem[] {
  const problems: ConfigurationProblem[] = [];
  const source = sourceOf(body, body.protocol ?? 'oauth2');
  const pattern = body.account?.label_replace?.pattern;
  if (pattern !== undefined && !isPattern(pattern))
    problems.push({
      where: file,
      what: `${id}: account.label_replace.pattern is not a regular expression`,
      remedy: 'Correct the pattern.',
    });
  if (body.confirm === 'always' && source === 'none')
    problems.push({
      where: file,
      what: `${id}: confirm: always needs an account that can be named`,
      remedy: 'Say in account.source where it is read, or leave confirm out.',
    });
  if (source === 'api' && !body.account?.request)
    problems.push({
      where: file,
      what: `${id}: account.source: api needs the call that reads it`,
      remedy: 'Set account.request.',
    });
  return problems;
}

export function account(body: ProviderFileBody, protocol: Provider['protocol']): Provider['account'] {
  const replace = body.account?.label_replace;
  return {
    source: sourceOf(body, protocol),
    subject: body.account?.subject ?? 'sub',
    label: body.account?.label ?? ['email', 'name'],
    ...(replace ? { labelReplace: { pattern: new RegExp(replace.pattern, 'u'), with: replace.with } } : {}),
    ...optional('note', body.account?.note),
    ...optional('another', body.account?.another),
    ...optional('request', body.account?.request),
    pointer: body.account?.pointer ?? '',
  };
}

function sourceOf(body: ProviderFileBody, protocol: Provider['protocol']): Provider['account']['source'] {
  return body.account?.source ?? (protocol === 'oidc' ? 'id_token' : 'none');
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u').source !== '';
  } catch {
    return false;
  }
}
