import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram, needsProgram } from '../registry/find-program.ts';

/** How a daemon is started. */
export interface DaemonStart {
  readonly program: string;
  /** In `folder`, which is the daemon's own, and is made before. */
  readonly args: (folder: string) => readonly string[];
  /** Whether it takes requests; asked again until it does. */
  readonly isReady: (folder: string) => Promise<boolean>;
  /** Variables besides those that keep it in its folder. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A daemon over a folder of its own, which goes with it. */
export interface DaemonProcess extends AsyncDisposable {
  readonly folder: string;
  /** What it wrote until now. */
  log(): Promise<string>;
}

/** How long a daemon may take to answer, and to go away. */
const patienceMs = 30_000;

/** Options for a test that starts daemons: skips with the reason where a program is absent, or nobody may mount. */
export function needsDaemon(...programs: readonly string[]): { skip: string | false } {
  return process.getuid?.() === 0 ? needsProgram(...programs, 'setpriv', 'unshare') : { skip: 'only root may mount' };
}

/**
 * Starts a daemon. It has mounts of its own, so that none of them stays when it is gone, and ends when this process does, however that
 * may come about.
 *
 * @throws Error with the daemon's last words when it does not come up, as where a machine lets nobody mount anything
 */
export async function startDaemon({ program, args, isReady, env = {} }: DaemonStart): Promise<DaemonProcess> {
  const folder = await mkdtemp(join(tmpdir(), `${program}-`));
  const logPath = join(folder, 'log');
  const log = openSync(logPath, 'w');
  // Each of the two becomes the next, so the daemon is the child itself.
  const alone = ['--pdeathsig', 'TERM', 'unshare', '--mount', findProgram(program) as string];
  const child = spawn('setpriv', [...alone, ...args(folder)], {
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, TMPDIR: folder, XDG_RUNTIME_DIR: folder, ...env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const gone = once(child, 'exit').catch(() => []);
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await Promise.race([gone, sleep(patienceMs, undefined, { ref: false })]);
    child.kill('SIGKILL');
    await gone;
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const until = Date.now() + patienceMs;
  while (!(await isReady(folder).catch(() => false))) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined || Date.now() > until) {
      const words = (await readFile(logPath, 'utf8')).trimEnd().split('\n').at(-1);
      await stop();
      throw new Error(`${program} does not come up here: ${words}`);
    }
    await sleep(100);
  }
  return { folder, log: () => readFile(logPath, 'utf8'), [Symbol.asyncDispose]: stop };
}
