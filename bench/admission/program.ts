import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findProgram } from '../../testing/registry/find-program.ts';
import { bundleProgram } from '../../tools/bundle.ts';

/** What a process used since it began: milliseconds of a processor, MiB of resident memory now and at most. */
export interface Used {
  readonly cpu: number;
  readonly memory: number;
  readonly most: number;
}

/** A server that is measured, in a process of its own. */
export interface Measured extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
  readonly used: () => Used;
}

/** A folder with certificates and the program as it is published. */
export interface BenchFolder {
  readonly path: string;
  /** PEM of the authority's certificate, which is in `ca.crt` too. */
  readonly authority: string;
}

/** How the webhook is started. */
export interface WebhookStart {
  /** Texts of policies by the names of their files. */
  readonly policies: Readonly<Record<string, string>>;
  /** The processor that it runs on; any where it is absent, or the system cannot do that. */
  readonly processor?: number;
  readonly trustedRoot?: unknown;
  /** Of Node, besides those that the program gives itself. */
  readonly flags?: readonly string[];
}

/** Makes the program as it is published, without what only other commands need. */
export async function buildProgram(folder: string): Promise<void> {
  await bundleProgram(join(import.meta.dirname, '..', '..'), join(folder, 'program', 'cli'));
}

let started = 0;

/** Starts `seaworthy admission serve` as a user does, by files. */
export async function startWebhook({ path }: BenchFolder, start: WebhookStart): Promise<Measured> {
  const own = join(path, `webhook-${(started += 1)}`);
  mkdirSync(join(own, 'policies'), { recursive: true });
  for (const [name, text] of Object.entries(start.policies)) writeFileSync(join(own, 'policies', name), text);
  const root = join(own, 'root.json');
  const { trustedRoot = { mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1' } } = start;
  writeFileSync(root, JSON.stringify(trustedRoot));
  const args = [
    ...(start.flags ?? []),
    join(path, 'program', 'cli', 'main.js'),
    'admission',
    'serve',
    '--quiet',
    ...Object.entries({
      '--listen': '127.0.0.1:0',
      '--cert-dir': path,
      '--trusted-root': root,
      '--policy': join(own, 'policies'),
      '--cache-dir': join(own, 'cache'),
      '--allow-registry': '127.0.0.1:*',
      '--scan-workers': '0',
    }).flat(),
  ];
  return await startMeasured(args, own, start.processor);
}

/** Starts a program of this folder that writes where it listens. */
export async function startMeasured(args: readonly string[], home: string, processor?: number): Promise<Measured> {
  // Settings of benches are none of the program's.
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('SEAWORTHY_') && name !== 'NODE_OPTIONS');
  const child = spawn(...pinned(args, processor), {
    env: { ...Object.fromEntries(own), HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return {
    port: Number(/\d+$/.exec(line)?.[0]),
    pid: child.pid as number,
    used: () => usedBy(child),
    [Symbol.asyncDispose]: () => ended(child),
  };
}

/** A command that runs Node on one processor. @param processor any where it is not said, or the system cannot do that */
export function pinned(args: readonly string[], processor?: number): [string, readonly string[]] {
  const taskset = processor === undefined ? undefined : findProgram('taskset');
  if (taskset === undefined) return [process.execPath, args];
  return [taskset, ['-c', String(processor), process.execPath, ...args]];
}

/** By what the kernel knows of it (proc(5)), so that the program needs no part for this. */
function usedBy({ pid }: ChildProcess): Used {
  const [, ...rest] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const fields = rest.join(') ').split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
  return {
    // In ticks, of which there are a hundred a second wherever Node runs.
    cpu: (Number(fields[11]) + Number(fields[12])) * 10,
    memory: kilobytes('VmRSS') / 1024,
    most: kilobytes('VmHWM') / 1024,
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = once(child, 'exit');
  child.kill('SIGKILL');
  await over;
}
