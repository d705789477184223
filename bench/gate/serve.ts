import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../../testing/free-port.ts';

/** A process that serves. */
export interface Serving extends AsyncDisposable {
  readonly url: string;
}

/** Starts a program of this folder that writes where it listens. */
export async function startProgram(name: string, ...args: readonly string[]): Promise<Serving> {
  const child = spawn(process.execPath, [join(import.meta.dirname, name), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { url, [Symbol.asyncDispose]: () => ended(child) };
}

/** Starts the registry as a user does, with settings of the section `registry` besides where it listens. */
export async function startRegistry(folder: string, settings: object): Promise<Serving> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const config = join(folder, 'seaworthy.yaml');
  const registry = { listen: `127.0.0.1:${port}`, data: join(folder, 'data'), ...settings };
  writeFileSync(config, JSON.stringify({ registry }));
  const program = join(import.meta.dirname, '..', '..', 'dist', 'bin', 'seaworthy.js');
  const args = [program, 'registry', 'serve', '--quiet', '--config', config];
  // Settings of benches are none of the program's.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('SEAWORTHY_')));
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  for (const until = performance.now() + 60_000; performance.now() < until;) {
    if (child.exitCode !== null) throw new Error('A registry ended at its start');
    const answer = await fetch(`${url}/v2/`).catch(() => undefined);
    if (answer?.status === 200) return { url, [Symbol.asyncDispose]: () => ended(child) };
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('A registry does not answer');
}

async function ended(child: ChildProcess): Promise<void> {
  const over = once(child, 'exit');
  child.kill('SIGKILL');
  await over;
}
