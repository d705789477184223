import { ScanError } from '../scan/error.ts';
import type { Host } from './host.ts';

/** The parts of the process that a {@link Host} is made of. */
export interface ProcessParts extends Pick<
  Host,
  'env' | 'cwd' | 'home' | 'arch' | 'cores' | 'version' | 'stdout' | 'stderr'
> {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  /** Calls back with the signal's name when the user or the system wants the program to end. */
  readonly onInterrupt: (stop: (signal: string) => void) => void;
  /** Ends the process at once. */
  readonly exit: (status: number) => void;
}

/** How long the program may tidy up after it was interrupted, in milliseconds. */
const tidyTime = 500;

/** Makes the host of a command. A first interruption aborts what runs; a second one, or a slow end, ends the process. */
export function openHost(parts: ProcessParts): Host {
  const { stdin, onInterrupt, exit, ...rest } = parts;
  const controller = new AbortController();
  onInterrupt((signal) => {
    const status = signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 129;
    if (controller.signal.aborted) return exit(status);
    controller.abort(new ScanError('INTERRUPTED', 'Interrupted; nothing was left half-written'));
    setTimeout(() => exit(status), tidyTime).unref();
  });
  return {
    ...rest,
    now: () => new Date(),
    signal: controller.signal,
    readStdin: async (maxBytes) => {
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of stdin) {
        const bytes = Buffer.from(chunk);
        size += bytes.length;
        if (size > maxBytes) throw new ScanError('TARGET_INVALID', `Standard input has more than ${maxBytes} bytes`);
        chunks.push(bytes);
      }
      return Buffer.concat(chunks);
    },
  };
}
