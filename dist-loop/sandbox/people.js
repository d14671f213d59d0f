export const people = [
    person('jo', 'Jo', 'Hansen', '65f1a0c27d1e4b0012aa0001'),
    person('kari', 'Kari', 'Berg', '65f1a0c27d1e4b0012aa0002'),
    /** Has no company at Invoiced. */
    person('nina', 'Nina', 'Lund', '65f1a0c27d1e4b0012aa0003'),
];
export function fullName({ givenName, familyName }) {
    return `${givenName} ${familyName}`;
}
function person(id, givenName, familyName, subject) {
    return { id, username: `${id}@example.org`, password: 'sandbox', givenName, familyName, subject };
}
