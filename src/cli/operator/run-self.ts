import { spawn } from 'node:child_process';
import { youngGenerationFlag } from './young-generation.ts';

/** What of a process decides how its program is started once more. */
export interface OwnProgram {
  readonly execPath: string;
  readonly execArgv: readonly string[];
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether the program and Node are one file, which takes flags of Node from the environment alone. */
  readonly isSingleFile: boolean;
}

/** How a program is started. */
export interface SelfCall {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How this program is started with other words. What bounds an operator's memory is not for what it starts: that ends soon, and is to be fast. */
export function selfCall({ execArgv, argv, env, isSingleFile }: OwnProgram, words: readonly string[]): SelfCall {
  const [, script = ''] = argv;
  if (!isSingleFile)
    return { args: [...execArgv.filter((flag) => flag !== youngGenerationFlag), script, ...words], env };
  const options = (env['NODE_OPTIONS'] ?? '').split(' ').filter((flag) => flag !== youngGenerationFlag);
  return { args: words, env: { ...env, NODE_OPTIONS: options.join(' ') } };
}

/**
 * Runs this program in a process of its own: what it takes in memory is gone with it. It is told to end when the signal is aborted.
 *
 * @param words what is typed behind the program's name
 * @returns whether it ended well
 */
export function runSelf(own: OwnProgram, words: readonly string[], signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const { args, env } = selfCall(own, words);
    const child = spawn(own.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'], windowsHide: true });
    const stop = (): void => void child.kill();
    signal.addEventListener('abort', stop, { once: true });
    const end = (good: boolean): void => {
      signal.removeEventListener('abort', stop);
      resolve(good);
    };
    child.once('error', () => end(false)).once('close', (status) => end(status === 0));
  });
}
