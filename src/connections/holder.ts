import type { Actor } from '../log/audit-actor.js';
import type { Guard } from '../store/store.js';

/** Whom connections belong to: where their records lie, and what must be true when one of them is written. */
export interface Holder {
  /** The hash tag of their keys. */
  slot: string;
  /** A record is only ever written while its holder stands. */
  guards: readonly Guard[];
  /**
   * What must be true besides when a record that is there is written again; absent: `guards`. An owner who was logged out
   * everywhere has another epoch, and a renewal under way must still be able to save its tokens.
   */
  rewriteGuards?: readonly Guard[];
  /** Milliseconds that a record written now may live. */
  ttlMs: () => number;
  /** For the audit trail. */
  owner?: Actor['owner'];
}
