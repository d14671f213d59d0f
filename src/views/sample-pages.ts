import type { ConnectionModel, ViewModels } from './models.js';

type Sample = { [Name in keyof ViewModels]: { name: Name; model: ViewModels[Name] } }[keyof ViewModels];

const csrf_token = 'sample';
const provider = { id: 'acme', name: 'Acme', environment: 'test' };
const connected: ConnectionModel = {
  ...{ key: 'acme', several: false, addable: true },
  id: 'con_0123456789abcdefghijkl',
  label: 'jo@example.org',
  connected_at: '2029-12-30T00:05:00Z',
  provider: 'acme',
  name: 'Acme',
  environment: 'test',
  status: 'connected',
  account: { subject: 'u-1', label: 'jo@example.org' },
  variables: { realm: '12345' },
  scopes: { granted: ['openid'], missing: ['offline_access'] },
  access: { expires_at: '2030-01-01T00:00:00Z', expires_in: 86_100, source: 'expires_in', refreshable: true },
  organization: { id: 'o-1', name: 'Acme AS', required: true, chosen: true },
  last_refresh: { at: '2029-12-31T00:05:00Z', result: 'rotated' },
  links: { connect: '/connect/acme', proxy: '/proxy/acme/' },
};
const missing: ConnectionModel = {
  ...connected,
  ...{
    key: 'other',
    addable: false,
    provider: 'other',
    status: 'not_connected',
    environment: null,
    account: null,
    variables: null,
    scopes: null,
    access: null,
  },
  ...{ id: null, label: null, connected_at: null, organization: null, last_refresh: null },
};
const [one, two] = ['con_0123456789abcdefghijkl', 'con_abcdefghijklmnopqrstuv'].map((id): ConnectionModel => ({
  ...connected,
  ...{ id, key: id, several: true, provider: 'books', name: 'Books' },
})) as [ConnectionModel, ConnectionModel];
const choices = [{ id: 'o-1', name: 'Acme AS' }];

/** One page of each kind with something in every place: an operator's templates are tried on them at the start. */
export const samplePages: readonly Sample[] = [
  {
    name: 'home',
    model: {
      csrf_token,
      session_active: true,
      connections: [connected, missing, one, two],
      notice: { kind: 'connected', provider: 'acme' },
      sandbox: { control_url: 'http://127.0.0.1:3100/control' },
      available: [{ id: 'more', name: 'More', variables: ['MORE_CLIENT_ID'] }],
      setup: true,
    },
  },
  { name: 'home', model: { csrf_token, session_active: false, connections: [] } },
  {
    name: 'connection',
    model: {
      csrf_token,
      connection: connected,
      examples: [{ name: 'Invoices', path: '/invoices', rows: '' }],
      notice: { kind: 'connect_error', code: 'access_denied', provider: 'acme', request_id: 'r' },
      organizations: { choices, selected: 'o-1', personal: true },
      documentation_url: 'https://docs.acme.test',
    },
  },
  { name: 'connection', model: { csrf_token, connection: missing, examples: [] } },
  {
    name: 'confirm',
    model: { csrf_token, provider, account: 'Acme AS', previous_account: 'Vik AS', addable: true, parameters: {} },
  },
  {
    name: 'organization',
    model: { csrf_token, provider, choices, required: false, parameters: { return_to: '/' } },
  },
  {
    name: 'keep',
    model: {
      csrf_token,
      connections: [{ id: 'con_0123456789abcdefghijkl', provider, account: 'Acme AS' }],
      parameters: { return_to: '/' },
    },
  },
  { name: 'start', model: { csrf_token, provider, parameters: { return_to: '/' } } },
  {
    name: 'logged-out',
    model: { provider: { name: provider.name, logout_url: 'https://acme.test/logout?state=abc' }, next_url: '/' },
  },
  {
    name: 'key',
    model: { csrf_token, provider, refused: true, test_keys: ['sandbox-acme-1'], parameters: { return_to: '/' } },
  },
  {
    name: 'values',
    model: {
      ...{ csrf_token, provider, parameters: { return_to: '/' } },
      fields: [
        { name: 'shop', label: 'Shop', options: null, value: '', invalid: true, before: '', after: '.acme.test' },
        {
          name: 'country',
          label: 'Country',
          options: ['no', 'se'],
          value: 'no',
          invalid: false,
          before: '',
          after: '',
        },
      ],
    },
  },
  {
    name: 'which',
    model: {
      ...{ csrf_token, provider, addable: true, parameters: { return_to: '/' }, values: {} },
      choices: [{ id: 'con_0123456789abcdefghijkl', label: 'Acme AS', account: null, status: 'connected' }],
    },
  },
  {
    name: 'popup',
    model: {
      ...{ provider, connected: false, code: 'access_denied', request_id: 'r' },
      tells: { origin: 'https://app.test', outcome: '{}' },
    },
  },
  { name: 'error', model: { code: 'internal_error', request_id: 'r', provider, connect_url: '/connect/acme' } },
  {
    name: 'setup',
    model: {
      provider,
      environment: 'test',
      environments: ['test'],
      redirect_uri: 'http://localhost:3000/connect/acme/callback',
      offered: false,
      emulated: false,
      try_with: 'SANDBOX_PROVIDERS=more npm start',
      variables: [{ name: 'ACME_CLIENT_ID', set: false, required: true }],
      checklist: ['Create the app.'],
      documentation_url: null,
    },
  },
  { name: 'docs', model: { document: { info: { title: 'Acme' }, paths: {} } } },
];
