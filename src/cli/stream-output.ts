import { errorMessage } from '../base/error.ts';
import { ConfigError } from './config/error.ts';
import type { Output } from './host.ts';

/**
 * Standard output or standard error.
 *
 * A reader that went away, such as `head`, is no failure of ours. Anything else that keeps a report from being written is,
 * such as a full disk; what cannot be said on standard error is lost in any case.
 */
export function openOutput(stream: NodeJS.WriteStream, kind: 'stdout' | 'stderr'): Output {
  // Each write hears of its own failure; without a listener the process would end.
  stream.on('error', () => undefined);
  return {
    isTerminal: isTerminal(stream),
    get columns() {
      // Asked anew each time: people resize their windows.
      return isTerminal(stream) ? stream.columns : undefined;
    },
    write: (text) =>
      new Promise((resolve, reject) => {
        stream.write(text, (error) => {
          if (kind === 'stderr' || !isLoss(error)) resolve();
          else reject(unwritable(error));
        });
      }),
  };
}

function isLoss(error: Error | null | undefined): error is Error {
  if (error === null || error === undefined) return false;
  const { code } = error as NodeJS.ErrnoException;
  return code !== 'EPIPE' && code !== 'ERR_STREAM_DESTROYED';
}

function unwritable(cause: Error): ConfigError {
  const message = `Standard output cannot be written (${errorMessage(cause)}); make room, or write to a file with -o`;
  return new ConfigError('SETTING_INVALID', message, { cause });
}

/** Node leaves the property out where there is no terminal. */
function isTerminal(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true;
}
