import type { Request, Response } from 'express';
import type { Addresses } from '../../config/addresses.js';
import type { AttemptAtWork, TakenAttempt } from '../../connections/attempts.js';
import type { Provider } from '../../providers/provider.js';
import type { Services } from '../../services.js';
import type { KnownAttempt } from './find-attempt.js';

/** A callback under way, and all that its steps need. */
export interface SignIn {
  services: Services & { addresses: Addresses };
  req: Request;
  res: Response;
  provider: Provider;
  attempt: KnownAttempt;
  taken: TakenAttempt;
  work: AttemptAtWork;
}
