import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What a request came back with, or undefined when the process was killed before it answered. */
export interface KillAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** A registry's process, until it is killed. */
export interface Life extends AsyncDisposable {
  ask(method: string, path: string, body?: string | Uint8Array, type?: string): Promise<KillAnswer | undefined>;
  kill(): Promise<void>;
  /** The step at which it killed itself. */
  readonly killedAt: () => string | undefined;
}

/** Starts a process over a folder; see kill-child.ts, and step-child.ts for the other program. */
export async function startLife(folder: string, program = 'kill-child.ts', ...more: string[]): Promise<Life> {
  const child = spawn(process.execPath, [join(import.meta.dirname, program), folder, ...more], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  let killedAt: string | undefined;
  const port = await new Promise<number>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const told = JSON.parse(line) as { readonly port?: number; readonly killedAt?: string };
      if (told.port !== undefined) resolve(told.port);
      killedAt ??= told.killedAt;
    });
    void ended.then(() => reject(new Error('The registry ended before it listened')));
  });

  async function ask(
    method: string,
    path: string,
    body?: string | Uint8Array,
    type?: string,
  ): Promise<KillAnswer | undefined> {
    try {
      const init: RequestInit = {
        method,
        redirect: 'manual',
        ...(body === undefined ? {} : { body }),
        ...(type === undefined ? {} : { headers: { 'content-type': type } }),
      };
      const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
      return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
    } catch (error) {
      if (child.exitCode !== null || child.signalCode !== null || isBroken(error)) return undefined;
      throw error;
    }
  }

  return {
    ask,
    kill: () => killChild(child, ended),
    killedAt: () => killedAt,
    [Symbol.asyncDispose]: () => killChild(child, ended),
  };
}

async function killChild(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

/** A connection that broke off, or was refused since nobody listens any more. */
function isBroken(error: unknown): boolean {
  return error instanceof TypeError;
}
