import {
  connectionStatuses,
  revocations,
  type ConnectionModel,
  type ConnectionStatus,
  type HomeModel,
  type NoticeModel,
  type ViewModels,
} from '../../src/views/models.js';
import { problems, type ProblemCode } from '../../src/errors.js';

/** A page with a name for the test's title. */
export interface Situation<Name extends keyof ViewModels = keyof ViewModels> {
  title: string;
  name: Name;
  model: ViewModels[Name];
}

export const codes = Object.keys(problems) as ProblemCode[];
const csrf_token = 'token-of-the-form';
const acme = { id: 'acme', name: 'Acme Books', environment: 'test' };

export function connection(status: ConnectionStatus, change: Partial<ConnectionModel> = {}): ConnectionModel {
  const known = status !== 'not_connected' && status !== 'confirmation_required';
  return {
    id: known ? 'con_0123456789abcdefghijkl' : null,
    label: known ? 'jo@example.org' : null,
    connected_at: known ? '2029-12-30T00:05:00Z' : null,
    provider: 'acme',
    name: 'Acme Books',
    environment: 'test',
    status,
    account: known ? { subject: 'u-1', label: 'jo@example.org' } : null,
    variables: known ? {} : null,
    scopes: known ? { granted: ['openid'], missing: status === 'scope_missing' ? ['user:read'] : [] } : null,
    access: known
      ? {
          expires_at: '2030-01-01T00:00:00Z',
          expires_in: 86100,
          source: 'expires_in',
          refreshable: status !== 'expiring',
        }
      : null,
    organization: known ? { id: null, name: null, required: status === 'organization_required' } : null,
    last_refresh: known ? { at: '2029-12-31T00:05:00Z', result: 'rotated' } : null,
    links: { connect: '/connect/acme', proxy: '/proxy/acme/' },
    ...{ key: 'acme', several: false, addable: known },
    ...change,
  };
}

/** Two at one provider: one with a name of the person's own, one with a long one of its account. */
export const several: readonly ConnectionModel[] = [
  ['con_0123456789abcdefghijkl', 'Fjordline'],
  ['con_abcdefghijklmnopqrstuv', 'The accounts of Harbor & Pine Holding International AS'],
].map(([id = '', label = '']) =>
  connection('connected', {
    ...{ id, label, key: id, several: true, addable: true },
    links: { connect: `/connect/acme?connection=${id}`, proxy: `/proxy/${id}/` },
  }),
);

export function home(change: Partial<HomeModel> = {}): HomeModel {
  return { csrf_token, session_active: true, connections: [connection('connected')], ...change };
}

export function detail(change: Partial<ViewModels['connection']> = {}): ViewModels['connection'] {
  const examples = [{ name: { en: 'Invoices', nb: 'Fakturaer' }, path: '/invoices?take=25', rows: '' }];
  return { csrf_token, connection: connection('connected'), examples, ...change };
}

const notices: NoticeModel[] = [
  { kind: 'connected', provider: 'acme' },
  { kind: 'logged_out' },
  ...codes.map((code) => ({ kind: 'connect_error' as const, code, request_id: 'r-1' })),
  ...revocations.map((revocation) => ({ kind: 'disconnected' as const, provider: 'acme', revocation })),
];

export const organizations = { choices: [{ id: 'o1', name: 'Acme' }], selected: null, personal: true };

const situation = <Name extends keyof ViewModels>(title: string, name: Name, model: ViewModels[Name]): Situation => ({
  title,
  name,
  model,
});

/** Every page in every state that its model can express. */
export const situations: Situation[] = [
  ...connectionStatuses.flatMap((status) => [
    situation(`home, ${status}`, 'home', home({ connections: [connection(status)] })),
    situation(`connection, ${status}`, 'connection', detail({ connection: connection(status), organizations })),
  ]),
  ...notices.map((notice) => situation(`home, notice ${JSON.stringify(notice)}`, 'home', home({ notice }))),
  ...codes.map((code) => situation(`error ${code}`, 'error', { code, request_id: 'r-1' })),
  situation('home, several connections of one provider', 'home', home({ connections: several })),
  situation(
    'home, as many as there may be',
    'home',
    home({ connections: several.map((one) => ({ ...one, addable: false })) }),
  ),
  situation(
    'home, one that ended among several',
    'home',
    home({
      connections: several.map((one, index) =>
        index === 0 ? one : { ...one, status: 'reauth_required', label: null, account: null, access: null },
      ),
      notice: { kind: 'disconnected', provider: 'acme', revocation: 'revoked', others: true },
    }),
  ),
  situation(
    'connection, one of several',
    'connection',
    detail({ connection: several[0] ?? connection('connected'), organizations }),
  ),
  situation('which', 'which', {
    csrf_token,
    provider: acme,
    choices: several.map(({ id, label, account, status }) => ({ id: id ?? '', label, account, status })),
    addable: true,
    parameters: { return_to: '/', organisation_number: '1' },
    values: { shop: 'fjord' },
  }),
  situation('error, with connections to choose from', 'error', {
    code: 'connection_ambiguous',
    request_id: 'r-1',
    provider: acme,
    connections: several.map(({ id, label, account }) => ({ id: id ?? '', label, account })),
  }),
  situation('home, empty', 'home', home({ connections: [], session_active: false })),
  situation(
    'home, providers to set up',
    'home',
    home({
      setup: true,
      sandbox: { control_url: 'http://127.0.0.1:3100/control' },
      available: [{ id: 'other', name: 'Other', variables: ['OTHER_CLIENT_ID'] }],
    }),
  ),
  situation(
    'connection, hardly anything known',
    'connection',
    detail({
      examples: [],
      connection: connection('connected', {
        environment: null,
        account: null,
        scopes: null,
        access: { expires_at: null, expires_in: null, source: null, refreshable: null },
        organization: null,
        last_refresh: null,
        connectable: false,
      }),
    }),
  ),
  situation('confirm', 'confirm', { csrf_token, provider: acme, account: 'Acme AS', parameters: { attempt: 'a-1' } }),
  situation('confirm, another account', 'confirm', {
    csrf_token,
    provider: acme,
    account: 'Acme AS',
    previous_account: 'Vik AS',
  }),
  situation('confirm, or add as another', 'confirm', {
    csrf_token,
    provider: acme,
    account: 'Acme AS',
    previous_account: 'Vik AS',
    addable: true,
  }),
  situation('start', 'start', { csrf_token, provider: acme, parameters: { return_to: '/', organisation_number: '1' } }),
  situation('popup, connected', 'popup', {
    provider: acme,
    connected: true,
    code: null,
    request_id: null,
    tells: { origin: 'https://app.acme.test', outcome: '{"popup":"p"}' },
  }),
  situation('popup, refused', 'popup', {
    provider: acme,
    connected: false,
    code: 'access_denied',
    request_id: 'r-1',
    tells: null,
  }),
  situation('popup, nothing known', 'popup', {
    provider: null,
    connected: false,
    code: null,
    request_id: null,
    tells: null,
  }),
  situation('error, with a way to start again', 'error', {
    code: 'state_expired',
    request_id: null,
    provider: acme,
    connect_url: '/connect/acme',
    retry_after: 90,
  }),
  situation('setup', 'setup', {
    provider: acme,
    environment: 'test',
    environments: ['live', 'test'],
    redirect_uri: 'http://localhost:3000/connect/acme/callback',
    offered: true,
    emulated: false,
    variables: [
      { name: 'ACME_CLIENT_ID', set: true, required: true },
      { name: 'ACME_CLIENT_SECRET', set: false, required: true },
      { name: 'ACME_ENVIRONMENT', set: false, required: false },
    ],
    checklist: ['Create the app.', { en: 'Register the address.', nb: 'Registrer adressen.' }],
    documentation_url: 'https://docs.acme.test',
  }),
  situation('docs', 'docs', {
    document: {
      info: { title: 'Acme', description: 'All calls.' },
      paths: {
        '/logout': {
          post: { summary: 'End the session', responses: { 303: { description: 'Home' } } },
          parameters: [{ name: 'lang', in: 'query' }],
        },
      },
    },
  }),
];
