import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The checkout's folder. */
export const root: string = join(import.meta.dirname, '..', '..');

/** The program as users start it. */
export const launcher: string = join(root, 'bin', 'seaworthy.js');

/** How a call of the program ended. */
export interface Ended {
  /** Null where a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  /** Both outputs, as they came. */
  readonly output: string;
}

/** Milliseconds after which a call has failed that should take a second or two. */
const patience = 120_000;

/**
 * Runs the program to its end.
 *
 * @throws the signal's reason when it is aborted; the program is gone by then
 */
export async function runProgram(args: readonly string[], env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Ended> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [launcher, ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const end = (): void => void child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), patience);
  signal.addEventListener('abort', end, { once: true });
  let stdout = '';
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (output += text));
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    signal.throwIfAborted();
    return { status, stdout, output };
  } finally {
    clearTimeout(kill);
    signal.removeEventListener('abort', end);
  }
}
