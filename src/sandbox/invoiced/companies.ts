import type { CompanyChoice } from '../pages/consent-page.js';
import type { Person } from '../state/people.js';
import type { InvoicedEnvironment } from './environment.js';

const companies: Readonly<Record<InvoicedEnvironment, Readonly<Record<string, readonly CompanyChoice[]>>>> = {
  sandbox: {
    jo: [company(15012, 'Fjordline Studio (sandbox)'), company(15044, 'Harbor & Pine (sandbox)')],
    kari: [company(15101, 'Nordlys Consulting (sandbox)')],
  },
  production: {
    jo: [company(90217, 'Fjordline Studio'), company(90364, 'Harbor & Pine')],
    kari: [company(90488, 'Nordlys Consulting')],
  },
};

export function companiesOf(person: Person, environment: InvoicedEnvironment): readonly CompanyChoice[] {
  return companies[environment][person.id] ?? [];
}

function company(id: number, name: string): CompanyChoice {
  return { id: id.toString(), name, detail: `No. ${id}` };
}
