import type { ExampleFile } from './example-schema.js';
import type { ApiRequest, LocalizedText } from './schema.js';

export type ClientAuthentication = 'client_secret_post' | 'client_secret_basic' | 'client_secret_basic_raw' | 'none';
export type IdTokenAlgorithm =
  'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'HS256';

export interface Endpoints {
  authorization?: string;
  token?: string;
  revocation?: string;
  userinfo?: string;
  jwks?: string;
}

/** Rules by which a failed answer of the token endpoint is told apart (RFC 6749 section 5.2, and what servers do instead). */
export interface TokenErrorRules {
  deadGrant: ReadonlySet<string>;
  /** Of those: the person has to do something more at the provider. */
  interaction: ReadonlySet<string>;
  configuration: ReadonlySet<string>;
  messages: readonly { member: string; is: string; code: string }[];
  otherwise?: { members: readonly string[]; code: string };
  refusedAt200: readonly string[];
  /** By code: what an operator should look at. */
  hints: Readonly<Record<string, string>>;
}

export interface AllowRule {
  methods: readonly string[];
  path: string;
}

export type ApiExample = ExampleFile & { method: string };

export interface Organizations {
  request: ApiRequest;
  pointer: string;
  id: string;
  name: readonly string[];
  header: string;
  scope?: string;
  required: boolean;
  /** Statuses after which the list is asked whether the chosen one is still in it. */
  refusalStatus: readonly number[];
}

/** How the provider signs its events, and where the operator wants them. */
export interface Webhooks {
  /** In lower case. */
  signatureHeader: string;
  encoding: 'hex' | 'base64';
  signaturePrefix: string;
  /** JSON pointers into the event. */
  eventId?: string;
  timestamp?: string;
  /** Seconds. */
  tolerance: number;
  /** Seconds for which an event is known that was passed on. */
  remember: number;
  secret: string;
  forwardUrl: string;
}

/** An authorization server and its API with our credentials there: one file of the catalogue, resolved and whole. */
export interface Provider {
  id: string;
  name: string;
  /** The chosen environment; absent where the file knows none. */
  environment?: string;
  protocol: 'oidc' | 'oauth2';
  grant: 'authorization_code' | 'client_credentials';
  issuer?: string;
  discoveryUrl?: string;
  endpoints: Endpoints;
  clientId: string;
  clientSecret?: string;
  clientAuthentication: ClientAuthentication;
  scopes: readonly string[];
  scopeSeparator: 'space' | 'comma';
  /** By scope: what a person is told when it was not granted. */
  scopeHints: ReadonlyMap<string, LocalizedText>;
  registrationHint?: LocalizedText;
  authorization: {
    parameters: Readonly<Record<string, string>>;
    callerParameters: ReadonlyMap<string, RegExp>;
    pkce: 'S256' | 'off';
    state: 'required' | 'not_echoed';
    nonce: 'required' | 'send' | 'off';
    reconsent: Readonly<Record<string, string>>;
    denial: 'error' | 'error_or_no_code';
    locale?: { parameter: string; values: readonly string[] };
  };
  token: {
    parameters: Readonly<Record<string, string>>;
    idToken: 'required' | 'optional' | 'none';
    idTokenAlgorithm: IdTokenAlgorithm;
    trustedAudiences: readonly string[];
    /** Claim of a JWT access token that names the granted scopes, for answers that leave them out. */
    scopeClaim?: string;
    /** Values of `token_type` that are taken for Bearer, in lower case. */
    bearerTypes: ReadonlySet<string>;
    /** Seconds. */
    defaultLifetime: number;
    /** Seconds before the end at which a connection that cannot be renewed is called expiring. */
    warnBefore: number;
    errors: TokenErrorRules;
  };
  revocation: {
    token: 'refresh_token' | 'access_token' | 'off';
    ends: 'token' | 'grant';
    clientAuthentication: boolean;
  };
  api: {
    baseUrl: URL;
    headers: Readonly<Record<string, string>>;
    allow?: readonly AllowRule[];
    redirectHosts: readonly string[];
    cache: 'no-store' | 'private';
    style: 'rest' | 'graphql';
    authFailureStatus: readonly number[];
    authProbe?: ApiRequest;
    authFailureBody?: { pointer: string; values: readonly string[] };
    forwardRequestHeaders: readonly string[];
    examples: readonly ApiExample[];
  };
  account: {
    source: 'id_token' | 'access_token' | 'userinfo' | 'api' | 'none';
    subject: string;
    label: readonly string[];
    labelReplace?: { pattern: RegExp; with: string };
    note?: LocalizedText;
    another?: LocalizedText;
    request?: ApiRequest;
    pointer: string;
  };
  organizations?: Organizations;
  /** Absent where the provider has none, or the operator wants none. */
  webhooks?: Webhooks;
  confirm: 'always' | 'on_change';
  access: 'none' | { sessionsWith: readonly string[] };
  afterDisconnect?: LocalizedText;
  documentation: { url?: string; checklist: readonly LocalizedText[] };
}
