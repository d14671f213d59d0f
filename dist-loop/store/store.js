/** The store could not be asked, or refused to write. Never a reason to log a person out. */
export class StoreUnavailableError extends Error {
    name = 'StoreUnavailableError';
}
