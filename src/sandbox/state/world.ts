import type { ProviderId } from '../provider-ids.js';
import type { Authorizations } from './authorizations.js';
import type { Calls } from './calls.js';
import type { Clients } from './clients.js';
import type { Clock } from './clock.js';
import type { Consents } from './consents.js';
import type { Keys } from './keys.js';
import type { SignIns } from './sign-ins.js';
import type { Switches } from '../control/switches.js';

/** Everything the emulators share: who is known, what was allowed, what time it is, what goes wrong on purpose. */
export interface World {
  /** How a browser reaches the sandbox; no slash at the end. */
  readonly publicUrl: string;
  /** How the client's server reaches it. */
  readonly internalUrl: string;
  /** Who is emulated, in the order of the control page. */
  readonly providers: readonly ProviderId[];
  readonly clock: Clock;
  readonly switches: Switches;
  readonly calls: Calls;
  readonly clients: Clients;
  readonly authorizations: Authorizations;
  readonly consents: Consents;
  readonly signIns: SignIns;
  readonly keys: Keys;
  readonly log: (event: string, fields?: Record<string, string | number | boolean>) => void;
}
