import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { OwnAnswer, OwnRequest } from './own-registry.ts';

const program = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');

/** How the program is started. */
export interface ServeOptions {
  /** Where its settings and, unless these say otherwise, its data lie. */
  readonly folder: string;
  /** The lines below `registry:`, without their indentation; it listens on a free port of loopback. */
  readonly settings?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What came back, or undefined when the process ended before it answered. */
export type ProcessAnswer = OwnAnswer | undefined;

/** A process that serves a registry as users start it; it ends with this one. */
export interface ServeProcess extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Asks for a path, which begins with a slash. */
  ask(method: string, path: string, request?: OwnRequest): Promise<ProcessAnswer>;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Most bytes of memory that it had so far; undefined where the system does not say. */
  peakMemory(): number | undefined;
  /** What it wrote to stderr. */
  readonly log: () => string;
}

/**
 * Starts `registry serve`.
 *
 * @throws Error with what the program said when it ends instead
 */
export async function startServing({ folder, settings = [], env = {} }: ServeOptions): Promise<ServeProcess> {
  const file = join(folder, 'seaworthy.yaml');
  const lines = ['registry:', ...['listen: 127.0.0.1:0', `data: ${join(folder, 'data')}`, ...settings].map(indented)];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const child = spawn(process.execPath, [program, 'registry', 'serve', '--config', file], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = (): void => void child.kill('SIGKILL');
  process.once('exit', stop);
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log = `${log}${chunk.toString()}`.slice(-100_000);
  });
  const ended = once(child, 'exit').finally(() => process.off('exit', stop));
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve);
    void ended.then(() => reject(new Error(log)));
  });
  const kill = (): Promise<void> => killChild(child, ended);
  return {
    url,
    pid: child.pid as number,
    kill,
    log: () => log,
    async ask(method, path, { headers = {}, body } = {}) {
      try {
        const init = { method, headers, redirect: 'manual', ...(body === undefined ? {} : { body, duplex: 'half' }) };
        const response = await fetch(`${url}${path}`, init as RequestInit);
        const bytes = Buffer.from(await response.arrayBuffer());
        const json = (): unknown => JSON.parse(bytes.toString());
        return { status: response.status, headers: response.headers, body: bytes, json };
      } catch (error) {
        // A connection that broke off, or that nobody takes any more.
        if (error instanceof TypeError) return undefined;
        throw error;
      }
    },
    peakMemory: () => peakMemory(child.pid),
    [Symbol.asyncDispose]: kill,
  };
}

async function killChild(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

function peakMemory(pid: number | undefined): number | undefined {
  if (process.platform !== 'linux') return undefined;
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return match === null ? undefined : Number(match[1]) * 1024;
}

function indented(line: string): string {
  return `  ${line}`;
}
