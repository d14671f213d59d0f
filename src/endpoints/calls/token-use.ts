import type { ConnectionRef } from '../../connections/connection-ref.js';
import type { LiveConnection } from '../../connections/refresh/refreshed-connection.js';
import type { RefusedTokens } from '../../connections/refusals/refused-tokens.js';

/** The token of one call, and the other one that it may be repeated with. */
export interface TokenUse {
  /** The connection whose token is used now. */
  readonly connection: LiveConnection;
  /**
   * After the API rejected the token: the connection with another one, once; undefined where there is none. Throws as
   * RefusedTokens does.
   */
  afterRejection(ref: ConnectionRef): Promise<LiveConnection | undefined>;
}

export function createTokenUse(refusedTokens: RefusedTokens, first: LiveConnection): TokenUse {
  let used = first;
  return {
    get connection() {
      return used;
    },
    async afterRejection(ref) {
      if (used !== first) {
        await refusedTokens.refusedAgain(ref, used);
        return undefined;
      }
      const refreshed = await refusedTokens.afterRejection(ref, first);
      if (refreshed) used = refreshed;
      return refreshed;
    },
  };
}
