import type { CompanyChoice } from '../pages/consent-page.js';
import type { Person } from '../state/people.js';
import { customers, daysBefore, sample, services } from '../state/sample-data.js';

export interface LucaCompany {
  readonly id: string;
  readonly name: string;
  readonly organisationNumber: string;
}

const companies: Readonly<Record<string, readonly LucaCompany[]>> = {
  jo: [
    { id: 'Q29tMQ', name: 'Fjordlys Studio AS', organisationNumber: '918273645' },
    { id: 'Q29tMg', name: 'Havn og Furu ENK', organisationNumber: '927364518' },
  ],
  kari: [{ id: 'Q29tMw', name: 'Nordlys Rådgivning AS', organisationNumber: '936451827' }],
  nina: [{ id: 'Q29tNA', name: 'Lund Keramikk', organisationNumber: '945182736' }],
};

export function lucaCompanies(person: Person): readonly LucaCompany[] {
  return companies[person.id] ?? [];
}

export function asChoice({ id, name, organisationNumber }: LucaCompany): CompanyChoice {
  return { id, name, detail: `Org.nr. ${organisationNumber}` };
}

/** More than a page of sale invoices, the newest first. */
export function saleInvoices({ id: company }: LucaCompany, now: number) {
  const { between, pick } = sample(`luca ${company}`);
  return Array.from({ length: between(120, 150) }, (_, index) => {
    const [description, price] = pick(services);
    const date = daysBefore(now, 1 + index * 2);
    const net = price * between(1, 5);
    return {
      id: Buffer.from(`${company}${index}`).toString('base64url'),
      invoiceNumber: (10_400 - index).toString(),
      invoiceDate: day(date),
      dueDate: day(date + 14 * 86_400),
      description,
      currency: 'NOK',
      amount: (net * 1.25).toFixed(2),
      amountExcludingVat: net.toFixed(2),
      paid: between(0, 3) > 0,
      customer: { id: `k${between(1, 999)}`, name: pick(customers) },
    };
  });
}

function day(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}
