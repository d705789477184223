import { spawn } from 'node:child_process';

/** One program to run, without a shell. */
export interface ProgramRun {
  /** A path, or a name that `PATH` in its environment finds. */
  readonly program: string;
  readonly args: readonly string[];
  /** Its standard input. */
  readonly input?: Uint8Array | string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs: number;
  /** Bytes of its standard output. */
  readonly maxOutputBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** How a program ended, or why there is nothing to tell of it. Its standard error is nobody's to keep. */
export type ProgramEnd =
  /** By itself; the status is null where a signal ended it. */
  | { readonly kind: 'ended'; readonly status: number | null; readonly output: Buffer }
  /** There is no such program. */
  | { readonly kind: 'missing' }
  /** It is there and cannot be started. */
  | { readonly kind: 'unstartable' }
  /** It took too long, or printed too much, and was killed. */
  | { readonly kind: 'timeout' | 'flood' };

/**
 * Runs a program to its end. It is killed when its time is up, when it prints too much, and when the signal says so.
 *
 * @throws the signal's reason
 */
export function runProgram(run: ProgramRun): Promise<ProgramEnd> {
  const { program, args, input, env, timeoutMs, maxOutputBytes, signal } = run;
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], { env: { ...env }, stdio: ['pipe', 'pipe', 'ignore'], windowsHide: true });
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
    function end(how: ProgramEnd): void {
      settle(() => resolve(how));
    }
    function onAbort(): void {
      settle(() => reject(signal?.reason as Error));
    }
    const timer = setTimeout(() => end({ kind: 'timeout' }), timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length > maxOutputBytes) end({ kind: 'flood' });
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      end({ kind: error.code === 'ENOENT' ? 'missing' : 'unstartable' });
    });
    child.on('close', (status) => end({ kind: 'ended', status, output: Buffer.concat(chunks) }));
    // A program that ends without reading tells so by its answer.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
