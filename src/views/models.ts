import type { ConnectionChoice, ConnectionState, ConnectionStatus, Revocation } from '../contract.js';
import type { ProblemCode } from '../errors.js';
import type { AnswerModel, ExampleCall, ExplorerModel } from './explorer-models.js';
import type { Locale, LocalizedText } from './locale.js';

/*
 * What each page is made from: plain data, with the member names of the JSON interface. A template reads nothing else.
 */

export { connectionStatuses, revocations, type ConnectionStatus, type Revocation } from '../contract.js';

/** A connection, and what a card needs besides. */
export interface ConnectionModel extends Omit<ConnectionState, 'access' | 'last_refresh' | 'organization'> {
  access:
    | {
        [Member in keyof NonNullable<ConnectionState['access']>]: NonNullable<ConnectionState['access']>[Member] | null;
      }
    | null;
  organization: { id: string | null; name: string | null; required: boolean; chosen?: boolean } | null;
  last_refresh: { at: string; result: string } | null;
  /** What the provider file says to this status, in place of our own sentence. */
  hints?: readonly LocalizedText[];
  /** What a person should know of the account's name, or of there being none. */
  account_note?: LocalizedText;
  /** The label of the button that connects another account beside this one. */
  another?: LocalizedText;
  /** What its addresses and forms name it by: its id where the provider has several, else the provider's. */
  key: string;
  /** Whether the provider has more than this one. */
  several: boolean;
  /** Whether another account may be connected beside it: CONNECTIONS_PER_HOLDER is not reached. */
  addable: boolean;
  /** False where a person cannot connect, because the operator's own client is used. Absent: true. */
  connectable?: boolean;
  /** The redirect URI that has to be registered at the provider; development only. */
  redirect_uri?: string | null;
}

/** What happened just before; every value comes from a list of ours or has been checked against one. */
export type NoticeModel =
  | { kind: 'connected'; provider: string; connection?: string }
  | { kind: 'connect_error'; code: ProblemCode; provider?: string; request_id?: string; hint?: LocalizedText }
  | {
      kind: 'disconnected';
      provider: string;
      revocation: Revocation;
      /** Others at the provider are there still. */
      others?: boolean;
      after_disconnect?: LocalizedText;
    }
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
  /** Whether providers are on offer: where no connection is shown, all of them are the operator's own. */
  any_offered?: boolean;
  /** The sandbox's /control page, when the sandbox runs. */
  sandbox?: { control_url: string } | null;
  /** Providers of the catalogue that are not on offer yet, with the variables that put them there; development only. */
  available?: readonly { id: string; name: string; variables: readonly string[] }[];
  /** Whether cards link to their set-up page; development only. */
  setup?: boolean;
}

export interface ConnectionPageModel extends PageModel {
  csrf_token: string;
  connection: ConnectionModel;
  examples: readonly ExampleCall[];
  /** Index of the example that the script calls at once. */
  unasked?: number | null;
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
  /** How many environments the provider has. */
  environments?: number;
}

export interface ConfirmModel extends PageModel {
  csrf_token: string;
  provider: { id: string; name: string; environment?: string | null };
  /** Account or company that is about to be stored. */
  account: string;
  /** Account that it replaces, when it is another one. */
  previous_account?: string | null;
  /** Whether it may be stored beside that one instead. */
  addable?: boolean;
  /** Further hidden members of the form. */
  parameters?: Readonly<Record<string, string>>;
}

export interface OrganizationModel extends PageModel {
  csrf_token: string;
  provider: { id: string; name: string; environment?: string | null };
  choices: readonly { id: string; name: string }[];
  /** Whether the provider demands a choice: then it cannot be skipped, and the personal account is none. */
  required: boolean;
  /** Further hidden members of the form. */
  parameters: Readonly<Record<string, string>>;
}

export interface StartModel extends PageModel {
  csrf_token: string;
  provider: { id: string; name: string; environment?: string | null };
  /** Parameters of the link that are passed on, return_to among them. */
  parameters: Readonly<Record<string, string>>;
}

/** What a person is asked for before a sign-in can begin. */
export interface VariableField {
  name: string;
  label: LocalizedText;
  /** The values that there are; null: any text. */
  options: readonly string[] | null;
  value: string;
  /** What was said cannot be. */
  invalid: boolean;
  /** What stands around the value in the provider's address. */
  before: string;
  after: string;
}

export interface ValuesModel extends PageModel {
  csrf_token: string;
  provider: { id: string; name: string; environment?: string | null };
  fields: readonly VariableField[];
  /** Parameters of the start that are passed on, return_to among them. */
  parameters: Readonly<Record<string, string>>;
}

/** Which of several connections a sign-in is for, or whether it is for another one. */
export interface WhichModel extends PageModel {
  csrf_token: string;
  provider: { id: string; name: string; environment?: string | null };
  choices: readonly (ConnectionChoice & { status: ConnectionStatus })[];
  /** The label of the button that connects another account. */
  another?: LocalizedText | null;
  addable: boolean;
  /** Parameters of the start that are passed on, return_to among them. */
  parameters: Readonly<Record<string, string>>;
  /** Values of the provider's variables that go on with another account. */
  values: Readonly<Record<string, string>>;
}

export interface KeyModel extends PageModel {
  csrf_token: string;
  provider: { id: string; name: string; environment?: string | null };
  /** Keys that the sandbox's provider accepts; none elsewhere. */
  test_keys: readonly string[];
  /** The API did not accept the key that was given before. */
  refused: boolean;
  /** Parameters of the start that are passed on, return_to among them. */
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

export interface KeepModel extends PageModel {
  csrf_token: string;
  /** Made in this browser before the person signed in. */
  connections: readonly { id: string; provider: { id: string; name: string } | null; account: string | null }[];
  parameters: Readonly<Record<string, string>>;
}

export interface ErrorModel extends PageModel {
  code: ProblemCode;
  request_id: string | null;
  provider?: { id: string; name: string } | null;
  /** Where to start again. */
  connect_url?: string | null;
  /** How to sign in, where that is what is missing. */
  sign_in?: {
    application_url: string | null;
    providers: readonly { id: string; name: string; connect_url: string }[];
  } | null;
  /** The connections of which one is to be named. */
  connections?: readonly ConnectionChoice[] | null;
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
  /** The command that starts its emulator, where that is not on. */
  try_with?: string | null;
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

/** After a logout here: the way to log out at the provider that was signed in with. */
export interface LoggedOutModel {
  provider: { name: string; logout_url: string };
  next_url: string;
}

export interface ViewModels {
  home: HomeModel;
  connection: ConnectionPageModel;
  confirm: ConfirmModel;
  organization: OrganizationModel;
  start: StartModel;
  values: ValuesModel;
  which: WhichModel;
  key: KeyModel;
  popup: PopupModel;
  keep: KeepModel;
  'logged-out': LoggedOutModel;
  error: ErrorModel;
  setup: SetupModel;
  docs: DocsModel;
}
