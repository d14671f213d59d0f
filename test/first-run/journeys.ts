import { expect } from '@jest/globals';
import { createBrowser, type Browser } from '../world/browser.js';
import { connect } from '../world/journey.js';

export interface Call {
  provider: string;
  method: 'GET' | 'POST';
  path: string;
  json?: unknown;
  /** The rows that a person sees. */
  rows: (body: unknown) => unknown[];
}

const list = (body: unknown) => body as unknown[];

/** What a newcomer looks at first, at each of the four providers. */
export const firstCalls: readonly Call[] = [
  { provider: 'request-finance', method: 'GET', path: '/invoices', rows: list },
  { provider: 'invoiced', method: 'GET', path: '/invoices', rows: list },
  {
    provider: 'luca',
    method: 'POST',
    path: '/api/v1/graphql',
    json: { query: '{ saleInvoices { nodes { id } } }' },
    rows: (body) => (body as { data: { saleInvoices: { nodes: unknown[] } } }).data.saleInvoices.nodes,
  },
  {
    provider: 'financefeast',
    method: 'GET',
    path: '/data/eod?ticker=air.nz',
    rows: (body) => (body as { data: unknown[] }).data,
  },
];

export interface ConnectionBody {
  provider: string;
  status: string;
  account: { label: string | null } | null;
  scopes: { granted: string[] } | null;
  access: { expires_at: string; refreshable: boolean } | null;
}

/** Connects one provider as a person does, reads its first rows through the proxy, and answers its state. */
export async function connectAndRead(
  browser: Browser,
  { provider, method, path, json, rows }: Call,
): Promise<ConnectionBody> {
  const { finalUrl } = await connect(browser, provider);
  expect(finalUrl.searchParams.get('connected')).toBe(provider);
  const verb = method === 'GET' ? browser.api.get : browser.api.post;
  const answer = await verb(`/proxy/${provider}${path}`, json === undefined ? {} : { json });
  expect(answer.status).toBe(200);
  expect(rows(JSON.parse(answer.text)).length).toBeGreaterThan(0);
  const state = await browser.api.get(`/api/connections/${provider}`);
  return JSON.parse(state.text) as ConnectionBody;
}

export function newBrowser(url: string): Browser {
  return createBrowser(url);
}
