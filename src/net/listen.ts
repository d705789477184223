import { errorMessage, SeaworthyError } from '../base/error.ts';
import { formatListenAddress, type ListenAddress } from './listen-address.ts';

/** Why nothing can be served at an address. */
export type ListenErrorCode =
  /** Another program serves there. */
  | 'ADDRESS_IN_USE'
  /** It is for others, as are ports below 1024 for most users. */
  | 'ADDRESS_FORBIDDEN'
  /** It is not one of this machine, or the system has none left. */
  | 'ADDRESS_UNAVAILABLE';

/** An address cannot be served at. */
class ListenError extends SeaworthyError<ListenErrorCode> {
  override readonly name = 'ListenError';
}

const causes: Readonly<Record<string, readonly [ListenErrorCode, string]>> = {
  EADDRINUSE: ['ADDRESS_IN_USE', 'another program serves there; end it, or choose another port'],
  EACCES: ['ADDRESS_FORBIDDEN', 'this user may not; choose a port above 1023, or give it the right'],
  EADDRNOTAVAIL: ['ADDRESS_UNAVAILABLE', 'this machine has no such address; choose one that it has'],
};

/**
 * Begins to listen, by whatever `listen` calls.
 *
 * @throws ListenError when the address cannot be had
 */
export async function listenAt<Result>(address: ListenAddress, listen: () => Promise<Result>): Promise<Result> {
  try {
    return await listen();
  } catch (cause) {
    const known = causes[(cause as NodeJS.ErrnoException).code ?? ''];
    const [code, advice] = known ?? ['ADDRESS_UNAVAILABLE', errorMessage(cause)];
    throw new ListenError(code, `Nothing can be served at ${formatListenAddress(address)}: ${advice}`, { cause });
  }
}
