import type { ProblemCode } from '../errors.js';
import type { Locale, LocalizedText } from './locale.js';

/*
 * What each page is made from: plain data, with the member names of the JSON interface. A template reads nothing else.
 */

export const connectionStatuses = [
  'not_connected',
  'connected',
  'expiring',
  'confirmation_required',
  'scope_missing',
  'organization_required',
  'reauth_required',
  'provider_unavailable',
] as const;
export type ConnectionStatus = (typeof connectionStatuses)[number];

export const revocations = ['revoked', 'not_supported', 'failed', 'skipped', 'not_connected'] as const;
export type Revocation = (typeof revocations)[number];

/** One member of `connections` in /api/session, and what a card needs besides. */
export interface ConnectionModel {
  provider: string;
  name: string;
  environment: string | null;
  status: ConnectionStatus;
  account: { subject: string | null; label: string | null } | null;
  scopes: { granted: readonly string[]; missing: readonly string[] } | null;
  access: {
    expires_at: string | null;
    /** Whole seconds left. */
    expires_in: number | null;
    source: string | null;
    refreshable: boolean | null;
  } | null;
  organization: { id: string | null; name: string | null; required: boolean } | null;
  last_refresh: { at: string; result: string } | null;
  links: { connect: string | null; proxy: string };
  /** What the provider file says to this status, in place of our own sentence. */
  hints?: readonly LocalizedText[];
  /** What a person should know of the account's name, or of there being none. */
  account_note?: LocalizedText;
  /** The label of the button that connects another account in this one's place. */
  another?: LocalizedText;
  /** False where a person cannot connect, because the operator's own client is used. Absent: true. */
  connectable?: boolean;
  /** The redirect URI that has to be registered at the provider; development only. */
  redirect_uri?: string | null;
}

/** What happened just before; every value comes from a list of ours or has been checked against one. */
export type NoticeModel =
  | { kind: 'connected'; provider: string }
  | { kind: 'connect_error'; code: ProblemCode; provider?: string; request_id?: string; hint?: LocalizedText }
  | { kind: 'disconnected'; provider: string; revocation: Revocation; after_disconnect?: LocalizedText }
  | { kind: 'logged_out' };

/** Members of every page. */
export interface PageModel {
  /** Where the language switch leads; absent: this page with `?lang=` alone. */
  language_links?: Readonly<Record<Locale, string>>;
}

export interface HomeModel extends PageModel {
  csrf_token: string;
  connections: readonly ConnectionModel[];
  notice?: NoticeModel | null;
  session_active: boolean;
  /** The sandbox's /control page, when the sandbox runs. */
  sandbox?: { control_url: string } | null;
  /** Providers of the catalogue that are not on offer yet, with the variables that put them there; development only. */
  available?: readonly { id: string; name: string; variables: readonly string[] }[];
  /** Whether cards link to their set-up page; development only. */
  setup?: boolean;
}

export interface ExampleCall {
  name: LocalizedText;
  method?: string | undefined;
  path: string;
  body?: string | undefined;
  /** JSON pointer (RFC 6901) to the array that is shown as a table. */
  rows?: string | undefined;
  /** What of a row is shown; absent: the script chooses. */
  columns?: readonly ExampleColumn[] | undefined;
  /** Media type that is asked for, where it is not JSON. */
  accept?: string | undefined;
  /** By the names in braces in `path`: the call whose answer has the value at a JSON pointer. */
  look_up?: Readonly<Record<string, { path: string; value: string }>> | undefined;
  next?: NextPageRule | undefined;
}

/** How the next page is asked for: a query parameter that counts pages, or a GraphQL variable that holds a cursor. */
export interface NextPageRule {
  parameter?: string | undefined;
  first?: number | undefined;
  size?: string | undefined;
  variable?: string | undefined;
  page_info?: string | undefined;
}

export interface ExampleColumn {
  /** JSON pointer from the row. */
  path: string;
  /** The last segment of the pointer where absent. */
  title?: LocalizedText | undefined;
  /** `date`: seconds since the epoch or RFC 3339; `minor_units`: hundredths of the currency's unit. */
  format?: 'text' | 'date' | 'minor_units' | undefined;
}

/** What a person may put into a call of their own. */
export interface ExplorerModel {
  /** `graphql`: a query and its variables are asked for, and sent to `path`. */
  style: 'rest' | 'graphql';
  path: string | null;
  methods: readonly string[];
  /** Request headers that a person might type and that reach the provider. */
  forwarded: readonly string[];
  /** All that reach it, in lower case. */
  passed: readonly string[];
  /** PUBLIC_URL's address of the proxy, and the session cookie's name, for programs. */
  address: string;
  cookie: string;
}

/** The answer to an example call that the server made itself, for a browser without script. */
export interface AnswerModel {
  /** Index among the examples. */
  example: number;
  /** Why there is no answer of the provider. */
  problem: ProblemCode | null;
  status: number | null;
  milliseconds: number;
  bytes: number;
  /** The first rows, as text; numbers are set to the right. */
  table: {
    columns: readonly { label: string; number: boolean }[];
    rows: readonly (readonly { text: string; number: boolean }[])[];
  } | null;
  /** Rows of the answer, and of the pages before it. */
  count: number;
  before: number;
  /** Of all pages, where the provider says. */
  total: number | null;
  /** What the form for the next page sends; null after the last one. */
  next: { query?: string; cursor?: string } | null;
  /** Media type, of a file that is not shown. */
  file: string | null;
  /** The call that should have told what to open, and did not. */
  nothing: string | null;
  /** The beginning of the body. */
  text: string;
  cut: boolean;
}

export interface ConnectionPageModel extends PageModel {
  csrf_token: string;
  connection: ConnectionModel;
  examples: readonly ExampleCall[];
  explorer?: ExplorerModel | null;
  answer?: AnswerModel | null;
  notice?: NoticeModel | null;
  /** The choice between organizations; `selected` null is the personal account. */
  organizations?: {
    choices: readonly { id: string; name: string }[];
    selected: string | null;
    personal: boolean;
  } | null;
  after_disconnect?: LocalizedText | null;
  /** What a person should know when the provider does not take this server's registration. */
  registration_hint?: LocalizedText | null;
  documentation_url?: string | null;
}

export interface ConfirmModel extends PageModel {
  csrf_token: string;
  provider: { id: string; name: string; environment?: string | null };
  /** Account or company that is about to be stored. */
  account: string;
  /** Account that it replaces, when it is another one. */
  previous_account?: string | null;
  /** Further hidden members of the form. */
  parameters?: Readonly<Record<string, string>>;
}

export interface StartModel extends PageModel {
  csrf_token: string;
  provider: { id: string; name: string; environment?: string | null };
  /** Parameters of the link that are passed on, return_to among them. */
  parameters: Readonly<Record<string, string>>;
}

export interface PopupModel extends PageModel {
  provider: { id: string; name: string } | null;
  connected: boolean;
  /** Why it was not connected; null where nothing is known. */
  code: ProblemCode | null;
  request_id: string | null;
  /** The outcome as JSON, and the one origin that it is for. */
  tells: { origin: string; outcome: string } | null;
}

export interface ErrorModel extends PageModel {
  code: ProblemCode;
  request_id: string | null;
  provider?: { id: string; name: string } | null;
  /** Where to start again. */
  connect_url?: string | null;
  /** Seconds. */
  retry_after?: number | null;
  /** What the log says as well, in English; development only. */
  detail?: string | null;
}

export interface SetupModel extends PageModel {
  provider: { id: string; name: string };
  environment: string | null;
  environments: readonly string[];
  /** Registered at the provider character by character; null where nobody is sent there. */
  redirect_uri: string | null;
  /** Whether cards show it, and whether the sandbox stands in for a client of the operator's own. */
  offered: boolean;
  emulated: boolean;
  variables: readonly { name: string; set: boolean; required: boolean }[];
  checklist: readonly LocalizedText[];
  documentation_url?: string | null;
}

export interface DocsModel extends PageModel {
  document: OpenApiDocument;
}

/** The part of an OpenAPI 3.1 document that the page shows. */
export interface OpenApiDocument {
  info: { title: string; description?: string };
  paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface ViewModels {
  home: HomeModel;
  connection: ConnectionPageModel;
  confirm: ConfirmModel;
  start: StartModel;
  popup: PopupModel;
  error: ErrorModel;
  setup: SetupModel;
  docs: DocsModel;
}
