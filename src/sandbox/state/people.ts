/** A person who can sign in here; each provider keeps data of its own for them. */
export interface Person {
  readonly id: string;
  readonly username: string;
  readonly password: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly subject: string;
}

export const people: readonly Person[] = [
  person('jo', 'Jo', 'Hansen', '65f1a0c27d1e4b0012aa0001'),
  person('kari', 'Kari', 'Berg', '65f1a0c27d1e4b0012aa0002'),
  /** Has no company at Invoiced. */
  person('nina', 'Nina', 'Lund', '65f1a0c27d1e4b0012aa0003'),
];

export function fullName({ givenName, familyName }: Person): string {
  return `${givenName} ${familyName}`;
}

function person(id: string, givenName: string, familyName: string, subject: string): Person {
  return { id, username: `${id}@example.org`, password: 'sandbox', givenName, familyName, subject };
}
