/**
 * The person that connections belong to: a user of the embedding application, as its assertion names them, or who signed in at a
 * provider, by issuer and subject of the verified ID token (OpenID Connect Core section 2). One is never the other.
 */
export type Owner = { kind: 'assertion'; name: string } | { kind: 'sign_in'; issuer: string; subject: string };

/** Says who it is, the same for the same person and for nobody else: each part goes with its length. */
export function ownerText(owner: Owner): string {
  const parts = owner.kind === 'assertion' ? [owner.name] : [owner.issuer, owner.subject];
  return lengthText(owner.kind, parts);
}

/** A kind and its parts, each with its length, so that no two lists of parts give the same text. */
export function lengthText(kind: string, parts: readonly string[]): string {
  return [kind, ...parts.flatMap((part) => [String(Buffer.byteLength(part)), part])].join('\n');
}

/** Names `.` and `..` and empty ones cannot stand in a path, and control characters in no line of a log. */
export function isOwnerName(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    name !== '' &&
    name !== '.' &&
    name !== '..' &&
    Array.from(name).length <= 255 &&
    !/[\p{Cc}\p{Cs}]/u.test(name)
  );
}
