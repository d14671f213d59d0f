import type { Authorization } from './state/authorizations.js';
import type { Client } from './state/clients.js';
import type { CompanyChoice } from './pages/consent-page.js';
import type { Locale } from './pages/texts.js';
import type { Person } from './state/people.js';
import type { Challenge } from './pkce.js';
import type { ProviderId } from './provider-ids.js';
import type { WireParameters } from './wire-parameters.js';

/** An authorization request that this server accepts, and what it keeps of it. */
export interface AuthorizationRequest {
  readonly client: Client;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly state: string | undefined;
  readonly nonce?: string | undefined;
  readonly challenge?: Challenge | undefined;
  readonly audience?: string | undefined;
  /** OpenID Connect Core section 3.1.2.1. */
  readonly prompt?: readonly string[];
  readonly responseMode?: 'query' | 'fragment';
  readonly locale?: Locale;
  readonly organisationNumber?: string | undefined;
  /** What stands in the address for its placeholders. */
  readonly values?: Readonly<Record<string, string>>;
}

/** The provider's own page, from which the browser never returns. */
export interface Dismissal {
  readonly kind: 'page';
  readonly status: number;
  readonly title: string;
  readonly text: string;
}

export interface Redirect {
  readonly kind: 'redirect';
  readonly location: string;
}

export interface Question {
  readonly kind: 'ask';
  readonly scopes: readonly string[];
  readonly permissions: readonly string[];
  readonly companies?: readonly CompanyChoice[];
}

/** Nothing to ask: these scopes were allowed before. */
export interface Granted {
  readonly kind: 'granted';
  readonly scopes: readonly string[];
}

/** What makes one authorization server differ from another in front of a person. */
export interface Front {
  readonly provider: ProviderId;
  readonly realm: string;
  readonly name: string;
  /** Below the realm. */
  readonly authorizePath: string | RegExp;
  /** Seconds. */
  readonly codeLifetime: number;
  newCode(): string;
  read(query: WireParameters, path: string): { kind: 'request'; request: AuthorizationRequest } | Dismissal | Redirect;
  decide(request: AuthorizationRequest, person: Person): Question | Granted | Dismissal;
  allowed?(request: AuthorizationRequest, person: Person, scopes: readonly string[]): void;
  answer(request: AuthorizationRequest, code: string, scopes: readonly string[], authorization: Authorization): string;
  denied(request: AuthorizationRequest): string;
  /** The redirect for `prompt=none` where a person would have to do something. */
  interactionRequired?(request: AuthorizationRequest, error: 'login_required' | 'consent_required'): string;
}

export function dismissal(status: number, title: string, text: string): Dismissal {
  return { kind: 'page', status, title, text };
}

/** `uri` with further query parameters; those without a value are left out. */
export function withQuery(uri: string, values: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const query = new URLSearchParams(given).toString();
  if (query === '') return uri;
  return `${uri}${uri.includes('?') ? '&' : '?'}${query}`;
}
