import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChainError } from './error.ts';
import { launcher, root } from './program.ts';
import { shorten } from './shorten.ts';

/** A server of the chain, under way. */
export interface Server {
  readonly name: string;
  readonly pid: number;
  /** Where it listens, such as `http://127.0.0.1:40123`. */
  readonly url: string;
  /** `127.0.0.1:40123`, as it stands in names of images. */
  readonly host: string;
  /** The file that its log goes to. */
  readonly log: string;
  /** Ends it and waits until it is gone. */
  readonly stop: () => Promise<void>;
  /** Lets this process end while the server goes on. */
  readonly release: () => void;
}

/** What a server is started with. */
export interface ServerPlan {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** The folder for its log. */
  readonly logs: string;
}

/** Milliseconds: until a server listens, and until one that was asked to end is killed. */
const upWithin = 60_000;
const downWithin = 15_000;

/**
 * Starts a server, in a process group of its own: a Ctrl-C in the terminal is for the chain alone, which ends its servers in
 * order. It writes to files, so that it goes on when nobody reads.
 *
 * @throws ChainError SERVER_FAILED, with its last words, when it ends or says no address in time
 */
export async function startServer({ name, args, env, logs }: ServerPlan, signal: AbortSignal): Promise<Server> {
  signal.throwIfAborted();
  await mkdir(logs, { recursive: true });
  const [said, log] = [join(logs, `${name}.out`), join(logs, `${name}.log`)];
  const files = [openSync(said, 'w'), openSync(log, 'w')] as const;
  const child = spawn(process.execPath, [launcher, ...args], {
    cwd: root,
    env,
    stdio: ['ignore', ...files],
    detached: true,
    windowsHide: true,
  });
  files.map((file) => closeSync(file));
  const state: { ended?: string } = {};
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => resolve(void (state.ended = error.message)));
    child.on('exit', (status, by) => resolve(void (state.ended = by ?? `status ${status}`)));
  });
  const stop = async (): Promise<void> => await end(child, ended);
  try {
    const url = await untilListening(said, () => state.ended, signal);
    return { name, pid: child.pid as number, url, host: new URL(url).host, log, stop, release: () => child.unref() };
  } catch (error) {
    await stop();
    if (signal.aborted) throw error;
    const words = shorten(await readFile(log, 'utf8'), { lines: 20, characters: 1000 });
    throw new ChainError('SERVER_FAILED', `The ${name} did not come up (${state.ended ?? 'no address'}): ${words}`, {
      cause: error,
    });
  }
}

async function untilListening(file: string, ended: () => string | undefined, signal: AbortSignal): Promise<string> {
  for (const deadline = Date.now() + upWithin; Date.now() < deadline && ended() === undefined;) {
    const [line] = /^https?:\/\/\S+(?=\n)/.exec(await readFile(file, 'utf8')) ?? [];
    if (line !== undefined) return line;
    await sleep(50, undefined, { signal });
  }
  throw new Error('nothing listens');
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.pid === undefined) return;
  child.kill('SIGTERM');
  const isGone = await Promise.race([ended.then(() => true), sleep(downWithin, false, { ref: false })]);
  if (isGone) return;
  killGroup(child.pid);
  await ended;
}

/** The server with the processes that it started, which are in its group. */
function killGroup(pid: number): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
