import type { ProviderFile, ProviderFileBody } from '../providers/schema.js';
import type { World } from './state/world.js';

type Urls = Pick<World, 'publicUrl' | 'internalUrl'>;

/**
 * One provider file for every entry of the catalogue that the sandbox emulates. What names a host stands at the top
 * and in every environment, because an environment's values are laid over the top ones.
 */
export function providerOverrides(urls: Urls): ProviderFile[] {
  const requestFinance = requestFinanceAt(urls);
  const financefeast = financefeastAt(urls);
  const sandbox = invoicedAt(urls, 'sandbox');
  return [
    override('request-finance', requestFinance, { live: requestFinance, test: requestFinance }),
    override('request-finance-m2m', requestFinance, { live: requestFinance, test: requestFinance }),
    {
      ...override('invoiced', sandbox, { sandbox, production: invoicedAt(urls, 'production') }),
      default_environment: 'sandbox',
    },
    override('luca', lucaAt(urls)),
    override('luca-v2', lucaV2At(urls)),
    override('financefeast', financefeast, { production: financefeast, test: financefeast }),
  ];
}

function override(id: string, top: ProviderFileBody, environments?: Record<string, ProviderFileBody>): ProviderFile {
  return { id, extends: id, ...top, ...(environments ? { environments } : {}) };
}

function requestFinanceAt({ publicUrl, internalUrl }: Urls): ProviderFileBody {
  const base = `${internalUrl}/request-finance`;
  return {
    issuer: `${publicUrl}/request-finance/`,
    discovery_url: `${base}/.well-known/openid-configuration`,
    endpoints: {
      authorization: `${publicUrl}/request-finance/authorize`,
      token: `${base}/oauth/token`,
      revocation: `${base}/oauth/revoke`,
      userinfo: `${base}/userinfo`,
      jwks: `${base}/.well-known/jwks.json`,
    },
    api: { base_url: `${base}/api` },
  };
}

function invoicedAt({ publicUrl, internalUrl }: Urls, environment: 'sandbox' | 'production'): ProviderFileBody {
  const base = `${internalUrl}/invoiced/${environment}`;
  return {
    endpoints: {
      authorization: `${publicUrl}/invoiced/${environment}/oauth/authorize`,
      token: `${base}/oauth/access_token`,
      revocation: `${base}/oauth/revoke`,
    },
    api: { base_url: `${base}/api` },
  };
}

function lucaAt({ publicUrl, internalUrl }: Urls): ProviderFileBody {
  return {
    endpoints: {
      authorization: `${publicUrl}/luca/api/v1/oauth2/authorize`,
      token: `${internalUrl}/luca/api/v2/oauth2/token`,
    },
    api: { base_url: `${internalUrl}/luca`, examples: lucaExamples },
  };
}

/** The published documentation names only the id of a sale invoice; the emulator has what a person wants to see. */
const lucaExamples = [
  {
    name: { en: 'Sales invoices', nb: 'Salgsfakturaer' },
    method: 'POST',
    path: '/api/v1/graphql',
    body: JSON.stringify({
      query:
        'query ($after: String) { saleInvoices(first: 25, after: $after) { nodes { invoiceNumber invoiceDate dueDate description currency amount paid customer { name } } pageInfo { hasNextPage endCursor } } }',
    }),
    rows: '/data/saleInvoices/nodes',
    next: { variable: 'after', page_info: '/data/saleInvoices/pageInfo' },
    columns: [
      { path: '/invoiceNumber', title: { en: 'Number', nb: 'Nummer' } },
      { path: '/customer/name', title: { en: 'Customer', nb: 'Kunde' } },
      { path: '/description', title: { en: 'Description', nb: 'Beskrivelse' } },
      { path: '/amount', title: { en: 'Amount', nb: 'Beløp' } },
      { path: '/currency', title: { en: 'Currency', nb: 'Valuta' } },
      { path: '/invoiceDate', title: { en: 'Date', nb: 'Dato' }, format: 'date' as const },
      { path: '/paid', title: { en: 'Paid', nb: 'Betalt' } },
    ],
  },
  {
    name: { en: 'Companies', nb: 'Selskaper' },
    method: 'POST',
    path: '/api/v1/graphql',
    body: JSON.stringify({ query: '{ companies { nodes { id name organisationNumber } } }' }),
    rows: '/data/companies/nodes',
    columns: [
      { path: '/name', title: { en: 'Name', nb: 'Navn' } },
      { path: '/organisationNumber', title: { en: 'Organisation number', nb: 'Organisasjonsnummer' } },
    ],
  },
];

function lucaV2At({ publicUrl, internalUrl }: Urls): ProviderFileBody {
  const base = `${internalUrl}/luca-v2`;
  return {
    issuer: `${publicUrl}/luca-v2`,
    discovery_url: `${internalUrl}/.well-known/oauth-authorization-server/luca-v2`,
    endpoints: {
      authorization: `${publicUrl}/luca-v2/oauth/authorize`,
      token: `${base}/oauth/token`,
      revocation: `${base}/oauth/revoke`,
    },
    api: { base_url: base },
  };
}

function financefeastAt({ publicUrl, internalUrl }: Urls): ProviderFileBody {
  return {
    endpoints: {
      authorization: `${publicUrl}/financefeast/oauth/authorize`,
      token: `${internalUrl}/financefeast/oauth/token`,
    },
    api: { base_url: `${internalUrl}/financefeast/api` },
  };
}
