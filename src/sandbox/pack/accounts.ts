import type { Authorization } from '../state/authorizations.js';
import { fullName, people, type Person } from '../state/people.js';
import type { Emulator } from './emulator.js';

/** Whose data a grant opens. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

const names = ['Fjordline Studio', 'Harbor & Pine', 'Nordlys Consulting'] as const;
const numbers = ['1001200340001', '1001200340002', '1001200340003'] as const;

/** The companies of a person: two, one or none. */
export function companiesOf({ profile }: Emulator, person: Person): Account[] {
  const ids = profile.ids ?? numbers;
  const all = names.map((name, index): Account => ({
    id: ids[index] ?? numbers[0],
    name,
    email: `post@${name.toLowerCase().replace(/[^a-z]+/g, '-')}.example`,
  }));
  if (person.id === people[0]?.id) return all.slice(0, 2);
  return person.id === people[1]?.id ? all.slice(2) : [];
}

/** Whether a company is chosen with the consent: not where calls choose one, and not where a grant is a person's. */
export function choosesCompany({ file, profile }: Emulator): boolean {
  return !file.organizations && profile.account !== 'person';
}

/** The account that this grant opens. */
export function accountOf(emulator: Emulator, { person, company }: Authorization): Account {
  const [someone] = people;
  const owner = person ?? someone;
  if (!owner) throw new Error('the sandbox knows nobody');
  const chosen = choosesCompany(emulator) ? companiesOf(emulator, owner).find(({ id }) => id === company) : undefined;
  return chosen ?? { id: owner.subject, name: fullName(owner), email: owner.username };
}

/** A text of a profile with the account put in. */
export function withAccount<T>(value: T, account: Account): T {
  if (typeof value === 'string')
    return value.replace(/\{account\.(id|name|email)\}/g, (_, key: keyof Account) => account[key]) as T;
  if (Array.isArray(value)) return value.map((each: unknown) => withAccount(each, account)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, withAccount(each as unknown, account)]),
  ) as T;
}
