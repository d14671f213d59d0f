import { createHash } from 'node:crypto';
import { describeError, type Log } from '../log/log.js';
import type { Provider } from '../providers/provider.js';
import { askApi } from './api-request.js';
import type { AuthorizationServer } from './authorization-server.js';
import { serverCertificate } from './client-authentication.js';
import type { HttpClient } from '../http/client.js';
import { IdTokenError, type IdTokenClaims } from './id-token.js';
import { parseExactJson } from '../exact-json.js';
import { atPointer, memberAt } from '../json-pointer.js';
import { jwtClaims } from './jwt-claims.js';
import type { TokenSet } from './token-set.js';

/** Characters of a label that the operator's pattern is applied to. */
const maxLabel = 1_024;

export interface AccountIdentity {
  subject?: string;
  label?: string;
}

/**
 * Who was connected, read from where the provider file says. Empty where the provider does not tell, or not now. Throws
 * IdTokenError when userinfo speaks of somebody else than the ID token (OpenID Connect Core 5.3.2).
 */
export async function readAccount(
  { http, log }: { http: HttpClient; log: Log },
  provider: Provider,
  server: AuthorizationServer,
  tokens: TokenSet,
  claims: IdTokenClaims | undefined,
): Promise<AccountIdentity> {
  try {
    return accountOf(provider, await source(http, provider, server, tokens, claims));
  } catch (error) {
    if (error instanceof IdTokenError) throw error;
    log.warn('account.unreadable', { provider: provider.id, ...describeError(error) });
    return {};
  }
}

async function source(
  http: HttpClient,
  provider: Provider,
  server: AuthorizationServer,
  tokens: TokenSet,
  claims: IdTokenClaims | undefined,
): Promise<unknown> {
  const { account } = provider;
  switch (account.source) {
    case 'none':
      return undefined;
    case 'id_token':
      return claims;
    case 'access_token':
      return jwtClaims(tokens.accessToken) ?? refuseOpaque();
    case 'userinfo': {
      const answer = await http(server.userinfoEndpoint ?? '', {
        method: 'GET',
        headers: { accept: 'application/json', authorization: `Bearer ${tokens.accessToken}` },
        certificate: serverCertificate(provider),
      });
      const found = answer.status === 200 ? (parseExactJson(answer.body) as Record<string, unknown> | null) : undefined;
      if (claims && found !== undefined && found?.['sub'] !== claims.sub)
        throw new IdTokenError('id_token_invalid', 'userinfo_sub');
      return found;
    }
    case 'api': {
      if (!account.request) return undefined;
      const answer = await askApi(http, provider, account.request, tokens.accessToken);
      return answer.status === 200 ? atPointer(parseExactJson(answer.body), account.pointer) : undefined;
    }
  }
}

function refuseOpaque(): never {
  throw new Error('the access token is no JWT');
}

/** One object names one account; of a list, all of its members together do. */
export function accountOf({ account }: Provider, found: unknown): AccountIdentity {
  const objects = (Array.isArray(found) ? found : [found]).filter(
    (each): each is Record<string, unknown> => typeof each === 'object' && each !== null,
  );
  const subjects = objects.flatMap((each) => scalar(memberAt(each, account.subject)) ?? []).sort();
  const { labelReplace: replace } = account;
  const labels = objects
    .flatMap((each) => account.label.map((member) => scalar(memberAt(each, member))).find((text) => text) ?? [])
    .map((label) => (replace ? label.slice(0, maxLabel).replace(replace.pattern, replace.with) : label));
  return {
    ...(subjects.length > 0 ? { subject: subjectOf(subjects) } : {}),
    ...(labels.length > 0 ? { label: labels.join(', ').slice(0, 255) } : {}),
  };
}

/** Compared as a whole: what is too long to be kept is kept as its hash. A list whose members hold the separator is, too. */
function subjectOf(subjects: readonly string[]): string {
  const text = subjects.join(',');
  const isPlain = text.length <= 255 && (subjects.length === 1 || subjects.every((subject) => !subject.includes(',')));
  if (isPlain) return text;
  return `sha256:${createHash('sha256').update(JSON.stringify(subjects)).digest('base64url')}`;
}

function scalar(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
