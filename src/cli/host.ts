import type { RestartWith } from './restart-with.ts';

/** What a command may know of the process and machine that it runs on; `main.ts` is the only place that asks. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly home: string;
  /** Node's name of the machine's architecture. */
  readonly arch: string;
  /** Processor cores that this process may use. */
  readonly cores: number;
  /** The program's version. */
  readonly version: string;
  readonly now: () => Date;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Reads all of standard input. */
  readonly readStdin: (maxBytes: number) => Promise<Buffer>;
  /**
   * Asks the person at the terminal; undefined where nobody can be asked. What is typed is not shown when it is secret.
   */
  readonly ask?: (question: string, secret: boolean) => Promise<string>;
  /** Aborted when the user interrupts the program. */
  readonly signal: AbortSignal;
  /** The exit status that goes with the user's or system's interruption; undefined as long as there was none. */
  readonly interruptStatus: () => number | undefined;
  /**
   * Starts the program anew in place of this process, with one more flag of Node; returns where it has that flag, or where that
   * cannot be done. Undefined where the program is only a part of a process.
   */
  readonly restartWith?: RestartWith;
  /** Gives this command so many milliseconds to end in order when it is interrupted, in place of half a second. */
  readonly endWithin: (milliseconds: number) => void;
}

/** One of the process's output streams. */
export interface Output {
  readonly isTerminal: boolean;
  /** Of the terminal, in cells; undefined where there is none. */
  readonly columns: number | undefined;
  /** Settles once the bytes were handed over; a closed pipe is not an error. @throws ConfigError SETTING_INVALID */
  readonly write: (text: string) => Promise<void>;
}
