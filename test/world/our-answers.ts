import type { Answer, Outgoing } from './answer.js';

/** Told of each answer of a server of ours; may throw to fail the test that asked. */
export type Inspection = (
  request: Pick<Outgoing, 'method' | 'headers'>,
  /** As it was asked for, without the query. */
  path: string,
  /** The path of PUBLIC_URL, or nothing. */
  base: string,
  answer: Pick<Answer, 'status' | 'headers' | 'text'>,
) => Promise<void>;

const ours = new Map<number, string>();
let inspection: Inspection | undefined;

/** From here on every answer is inspected. Without it (measuring programmes) nothing is. */
export function inspectAnswers(inspect: Inspection): void {
  inspection = inspect;
}

/** A server of ours listens at this port, with the path that its PUBLIC_URL holds. Answers how to take that back. */
export function isOurs(port: number, publicUrl: string | undefined): () => void {
  ours.set(port, publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, ''));
  return () => ours.delete(port);
}

/** Inspects the answer if a server of ours gave it. Throws what the inspection throws. */
export async function inspectAnswer(port: number, request: Outgoing, answer: Answer): Promise<void> {
  const base = ours.get(port);
  if (inspection === undefined || base === undefined) return;
  await inspection(request, request.url.pathname, base, answer);
}
