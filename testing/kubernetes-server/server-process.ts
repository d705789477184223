import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from '../registry/find-program.ts';

/** A server that ends when it is disposed of, or when this process ends, however that comes about. */
export interface ServerProcess extends AsyncDisposable {
  readonly pid: number;
  /** What it wrote until now. */
  log(): Promise<string>;
}

/** How a server is started. */
export interface ServerStart {
  readonly program: string;
  readonly args: readonly string[];
  /** For its log, `PROGRAM.log`, and what it takes for its home. */
  readonly folder: string;
  /** More of its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it takes requests; asked again until it does. */
  readonly isReady: () => Promise<boolean>;
}

/** How long a server may take until it answers: the machine may be busy with others. */
const patienceMs = 120_000;

/**
 * Starts a server. It gets no time to say goodbye, since nothing that it keeps is wanted afterwards.
 *
 * @throws Error with the server's last words when it does not come up
 */
export async function startServer({ program, args, folder, env = {}, isReady }: ServerStart): Promise<ServerProcess> {
  const logPath = join(folder, `${program}.log`);
  const log = openSync(logPath, 'w');
  // Becomes the server, which the kernel then kills with this process.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', findProgram(program) ?? program, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, TMPDIR: folder, ...env },
    cwd: folder,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const gone = once(child, 'exit').catch(() => []);
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  const until = performance.now() + patienceMs;
  while (!(await isReady().catch(() => false))) {
    const over = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
    if (over || performance.now() > until) {
      await stop();
      const words = (await readFile(logPath, 'utf8')).trimEnd().split('\n').slice(-5).join('\n');
      throw new Error(`${program} does not come up here:\n${words}`);
    }
    await sleep(50);
  }
  return { pid: child.pid as number, log: () => readFile(logPath, 'utf8'), [Symbol.asyncDispose]: stop };
}
