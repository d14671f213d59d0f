import { z } from 'zod';
import { compact } from '../../compact.js';
import { apiRequest, nullable, text } from '../field-types.js';
import { isPattern, type SectionProblem } from './problem.js';

export const account = z.strictObject({
  /** Where the account's identity is read: claims of the ID token or of a JWT access token, userinfo, or an API call. */
  source: nullable(z.enum(['id_token', 'access_token', 'userinfo', 'api', 'none'])),
  /** Member that identifies the account; compared on reconnect. */
  subject: nullable(z.string()),
  /** Members for the name a person reads; the first one present is taken. */
  label: nullable(z.array(z.string())),
  /** For labels that are no words: what the pattern matches is replaced by `with` (`$1` is its first group). */
  label_replace: nullable(z.strictObject({ pattern: z.string(), with: z.string() })),
  /** What a person should know of the account's name: that the provider tells none, or a number alone. */
  note: nullable(text),
  /** What the button says that connects another account beside this one. */
  another: nullable(text),
  request: nullable(apiRequest),
  /** JSON pointer to the object, or to the array of objects, in the response to `request`. */
  pointer: nullable(z.string()),
});

type File = z.infer<typeof account> | null | undefined;

interface Rest {
  protocol: 'oidc' | 'oauth2';
  confirm: 'always' | 'on_change';
}

/** What keeps the account from being read as the file says. */
export function accountProblems(file: File, { protocol, confirm }: Rest): SectionProblem[] {
  const problems: SectionProblem[] = [];
  const source = sourceOf(file, protocol);
  const pattern = file?.label_replace?.pattern;
  if (pattern !== undefined && !isPattern(pattern))
    problems.push({
      what: 'account.label_replace.pattern is not a regular expression',
      remedy: 'Correct the pattern.',
    });
  if (confirm === 'always' && source === 'none')
    problems.push({
      what: 'confirm: always needs an account that can be named',
      remedy: 'Say in account.source where it is read, or leave confirm out.',
    });
  if (source === 'api' && !file?.request)
    problems.push({ what: 'account.source: api needs the call that reads it', remedy: 'Set account.request.' });
  return problems;
}

export function resolveAccount(file: File, protocol: Rest['protocol']) {
  const replace = file?.label_replace ?? undefined;
  return compact({
    source: sourceOf(file, protocol),
    subject: file?.subject ?? 'sub',
    label: file?.label ?? ['email', 'name'],
    labelReplace: replace && { pattern: new RegExp(replace.pattern, 'u'), with: replace.with },
    note: file?.note ?? undefined,
    another: file?.another ?? undefined,
    request: file?.request ?? undefined,
    pointer: file?.pointer ?? '',
  });
}

function sourceOf(file: File, protocol: Rest['protocol']) {
  return file?.source ?? (protocol === 'oidc' ? 'id_token' : 'none');
}
