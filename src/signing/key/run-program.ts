import { spawn } from 'node:child_process';
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

/** Runs a program of this machine. */
export const runProgram: RunProgram = ({ program, args, input, env, signal }) => {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      env: { ...env },
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    });
    const chunks: Buffer[] = [];
    let length = 0;
    let settled = false;
    function settle(act: () => void): void {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      child.kill('SIGKILL');
      child.stdout.destroy();
      act();
    }
    function fail(why: string): void {
      settle(() => reject(new SigningError('KEY_UNAVAILABLE', `The program ${program} ${why}`)));
    }
    function onAbort(): void {
      settle(() => reject(signal?.reason as Error));
    }
    const timer = setTimeout(() => fail('did not answer in time'), keyLimits.programMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length > keyLimits.outputBytes) fail('printed far too much');
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      fail(error.code === 'ENOENT' ? 'is not installed; put it on PATH' : 'cannot be started');
    });
    child.on('close', (status) => {
      if (status === null) fail('was ended by a signal');
      else settle(() => resolve({ status, output: Buffer.concat(chunks) }));
    });
    // A program that ends without reading tells so by its answer.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
};
