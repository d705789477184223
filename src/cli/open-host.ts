import { ScanError } from '../scan/error.ts';
import { describeError } from './describe-error.ts';
import { signalStatus, type EndingSignal } from './exit-code.ts';
import type { Host } from './host.ts';
import { askOnTerminal, type TerminalInput } from './terminal/ask.ts';

/** The parts of the process that a {@link Host} is made of. */
export interface ProcessParts extends Pick<
  Host,
  'env' | 'cwd' | 'home' | 'arch' | 'cores' | 'version' | 'stdout' | 'stderr' | 'restartWith'
> {
  /** Standard input, which is opened only when it is read. */
  readonly stdin: () => AsyncIterable<Uint8Array | string>;
  /** Standard input where it is a terminal. */
  readonly terminal?: (() => TerminalInput) | undefined;
  /** Calls back with the signal's name when the user or the system wants the program to end. */
  readonly onInterrupt: (stop: (signal: EndingSignal) => void) => void;
  /** Ends the process at once. */
  readonly exit: (status: number) => void;
}

/** How long the program may tidy up after it was interrupted unless its command takes longer, in milliseconds. */
const tidyTime = 500;

/** A terminal signals the launcher and this process, and the launcher passes it on: within this time, one key press. */
const echoTime = 250;

/** Makes the host of a command. A first interruption aborts what runs; a second one, or a slow end, ends the process. */
export function openHost(parts: ProcessParts): Host {
  const { stdin, terminal, onInterrupt, exit, ...rest } = parts;
  const controller = new AbortController();
  const interruption = new ScanError('INTERRUPTED', 'Interrupted; nothing was left half-written');
  let status: number | undefined;
  let interruptedAt = 0;
  let endTime = tidyTime;
  const interrupt = (signal: EndingSignal): void => {
    if (status !== undefined) {
      if (performance.now() - interruptedAt > echoTime) exit(status);
      return;
    }
    const ending = signalStatus[signal];
    status = ending;
    interruptedAt = performance.now();
    controller.abort(interruption);
    setTimeout(() => {
      void rest.stderr.write(`${describeError(interruption)}\n`).then(() => exit(ending));
    }, endTime).unref();
  };
  onInterrupt(interrupt);
  return {
    ...rest,
    now: () => new Date(),
    signal: controller.signal,
    interruptStatus: () => status,
    endWithin: (milliseconds) => {
      endTime = milliseconds;
    },
    ...(terminal === undefined
      ? {}
      : {
          ask: (question, secret) =>
            askOnTerminal(question, secret, {
              input: terminal(),
              output: rest.stderr,
              interrupt: () => interrupt('SIGINT'),
              signal: controller.signal,
            }),
        }),
    readStdin: async (maxBytes) => {
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of stdin()) {
        const bytes = Buffer.from(chunk);
        size += bytes.length;
        if (size > maxBytes) throw new ScanError('TARGET_INVALID', `Standard input has more than ${maxBytes} bytes`);
        chunks.push(bytes);
      }
      return Buffer.concat(chunks);
    },
  };
}
