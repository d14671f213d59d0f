import { customers, daysBefore, sample, services } from '../state/sample-data.js';
import type { InvoicedEnvironment } from './environment.js';

export interface Customer {
  readonly id: number;
  readonly object: 'customer';
  readonly number: string;
  readonly name: string;
  readonly email: string;
  readonly currency: string;
  readonly country: string;
}

export interface Invoice {
  readonly id: number;
  readonly object: 'invoice';
  readonly customer: number;
  readonly number: string;
  readonly currency: string;
  readonly draft: boolean;
  readonly closed: boolean;
  readonly paid: boolean;
  readonly status: string;
  readonly date: number;
  readonly due_date: number;
  readonly items: readonly { readonly name: string; readonly quantity: number; readonly unit_cost: number }[];
  readonly total: number;
  readonly balance: number;
  readonly url: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Book {
  readonly customers: Customer[];
  readonly invoices: Invoice[];
}

/** The books of the companies of one environment, each made when it is first opened. */
export function createBooks(environment: InvoicedEnvironment, now: number): (company: string) => Book {
  const books = new Map<string, Book>();
  return (company) => {
    const book = books.get(company) ?? createBook(environment, company, now);
    books.set(company, book);
    return book;
  };
}

function createBook(environment: InvoicedEnvironment, company: string, now: number): Book {
  const { between, pick } = sample(`${environment} ${company}`);
  const first = Number(company) * 100;
  const known = customers.map((name, index): Customer => ({
    id: first + index,
    object: 'customer',
    number: `CUST-${(index + 1).toString().padStart(5, '0')}`,
    name,
    email: `accounts@${name.toLowerCase().replace(/[^a-z]+/g, '-')}.example`,
    currency: 'usd',
    country: pick(['US', 'NO', 'GB']),
  }));
  const invoices = Array.from({ length: between(110, 140) }, (_, index): Invoice => {
    const [name, price] = pick(services);
    const quantity = between(1, 8);
    const date = daysBefore(now, 2 + index * 3);
    const status = pick(['paid', 'paid', 'paid', 'sent', 'viewed', 'past_due', 'draft', 'voided']);
    const total = quantity * price;
    return {
      id: first + 1000 + index,
      object: 'invoice',
      customer: first + between(0, known.length - 1),
      number: `INV-${(1400 - index).toString().padStart(5, '0')}`,
      currency: 'usd',
      draft: status === 'draft',
      closed: status === 'paid' || status === 'voided',
      paid: status === 'paid',
      status,
      date,
      due_date: date + 30 * 86_400,
      items: [{ name, quantity, unit_cost: price }],
      total,
      balance: status === 'paid' || status === 'voided' ? 0 : total,
      url: `https://dashboard.invoiced.example/invoices/${first + 1000 + index}`,
      metadata: between(0, 4) === 0 ? { project: 'spring' } : {},
    };
  });
  return { customers: known, invoices };
}
