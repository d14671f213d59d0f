import type { Person } from '../state/people.js';
import { customers, daysBefore, isoDate, sample, services } from '../state/sample-data.js';

export type Network = 'live' | 'test';

export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly role: string;
  readonly owner: {
    readonly id: string;
    readonly email: string;
    readonly firstname: string;
    readonly lastname: string;
  };
}

/** Organizations that a person was invited to; the personal account is not among them. */
const memberships: Readonly<Record<string, readonly Organization[]>> = {
  jo: [
    organization('63b2f0e4c1a7', 'fjordline-studio', 'Fjordline Studio AS', 'Admin', 'Ingrid', 'Dahl'),
    organization('63b2f0e4c1b8', 'harbor-pine', 'Harbor & Pine Ltd', 'Accountant', 'Owen', 'Pryce'),
  ],
  kari: [organization('63b2f0e4c1c9', 'nordlys-consulting', 'Nordlys Consulting', 'Finance Manager', 'Erik', 'Moe')],
  nina: [],
};

export function organizationsOf(person: Person): readonly Organization[] {
  return memberships[person.id] ?? [];
}

/** Invoices of one book: a person's own, an organization's, or an application's. Test and live share none. */
export function invoicesOf(book: string, network: Network, now: number) {
  const { between, pick } = sample(`${book} ${network}`);
  return Array.from({ length: between(28, 64) }, (_, index) => {
    const created = daysBefore(now, 3 + index * 4 + between(0, 3));
    const [service, price] = pick(services);
    const buyer = pick(customers);
    const currency = pick(['USD', 'EUR', 'USDC-mainnet', 'NOK'] as const);
    return {
      id: `${network === 'test' ? '7e57' : '11fe'}${between(0x10000000, 0x7fffffff).toString(16)}${index.toString(16).padStart(4, '0')}`,
      requestId: `01${between(0x10000000, 0x7fffffff).toString(16)}`,
      invoiceNumber: `${network === 'test' ? 'T-' : ''}${(200 - index).toString().padStart(4, '0')}`,
      status: pick(['open', 'accepted', 'paid', 'paid', 'declaredPaid', 'canceled'] as const),
      creationDate: isoDate(created),
      invoiceItems: [
        {
          currency,
          name: service,
          quantity: between(1, 6),
          unitPrice: (price * 100).toString(),
          tax: { type: 'percentage', amount: pick(['0', '20', '25'] as const) },
        },
      ],
      buyerInfo: { businessName: buyer, email: `accounts@${buyer.toLowerCase().replace(/[^a-z]+/g, '-')}.example` },
      sellerInfo: { businessName: 'Fjordline Studio AS', email: 'billing@fjordline.example' },
      paymentTerms: { dueDate: isoDate(created + 14 * 86_400) },
      paymentOptions: [{ type: 'bank-account', value: { currency: 'EUR' } }],
      type: network,
      role: pick(['seller', 'seller', 'buyer'] as const),
      tags: between(0, 3) === 0 ? ['retainer'] : [],
    };
  });
}

/** One list for test and live: this provider has no test environment for clients. */
export function clientsOf(book: string) {
  const { between } = sample(`${book} clients`);
  return customers.slice(between(0, 4)).map((businessName, index) => ({
    id: `c11e${index.toString(16).padStart(8, '0')}`,
    type: 'customer',
    businessName,
    email: `accounts@${businessName.toLowerCase().replace(/[^a-z]+/g, '-')}.example`,
    address: { city: ['Oslo', 'Bergen', 'London', 'Lisbon'][index % 4], country: ['NO', 'NO', 'GB', 'PT'][index % 4] },
  }));
}

function organization(
  id: string,
  name: string,
  displayName: string,
  role: string,
  firstname: string,
  lastname: string,
): Organization {
  const email = `${firstname.toLowerCase()}@${name}.example`;
  return { id, name, displayName, role, owner: { id: `0${id}`, email, firstname, lastname } };
}
