import { type ProgramEnd, runProgram as run } from '../../base/run-program.ts';
import { SigningError } from '../error.ts';
import { keyLimits } from './limits.ts';

/** One program to run. */
export interface ProgramRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly input?: Uint8Array;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
}

/** What a program that ended by itself left. Its standard error is the user's to see, not kept. */
export interface ProgramResult {
  readonly status: number;
  readonly output: Buffer;
}

/** Runs a program without a shell. @throws SigningError KEY_UNAVAILABLE when it cannot be run, or the signal's reason */
export type RunProgram = (run: ProgramRun) => Promise<ProgramResult>;

const failures: Readonly<Record<Exclude<ProgramEnd['kind'], 'ended'>, string>> = {
  missing: 'is not installed; put it on PATH',
  unstartable: 'cannot be started',
  timeout: 'did not answer in time',
  flood: 'printed far too much',
};

/** Runs a program of this machine. */
export const runProgram: RunProgram = async (asked) => {
  const end = await run({ ...asked, timeoutMs: keyLimits.programMs, maxOutputBytes: keyLimits.outputBytes });
  if (end.kind !== 'ended') throw unavailable(asked.program, failures[end.kind]);
  const { status, output } = end;
  if (status === null) throw unavailable(asked.program, 'was ended by a signal');
  return { status, output };
};

function unavailable(program: string, why: string): SigningError {
  return new SigningError('KEY_UNAVAILABLE', `The program ${program} ${why}`);
}
