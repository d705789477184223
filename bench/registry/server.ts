import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashSync } from 'bcryptjs';
import { findProgram } from '../../testing/registry/find-program.ts';
import { freePort } from '../../testing/free-port.ts';

const root = join(import.meta.dirname, '..', '..');
const user = 'sailor';
const password = 'hold-fast';

/** What a client sends to be known. */
export const authorization: string = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** A registry under measurement. */
export interface Server extends AsyncDisposable {
  readonly name: string;
  /** Host and port. */
  readonly host: string;
  /** Of the process that was started. */
  readonly pid: number;
  /** Its settings file. */
  readonly config: string;
  /** From the start of the process to its first answer, in milliseconds. */
  readonly startTime: number;
}

/** How this program's registry is started. */
export interface OwnOptions {
  readonly workers: number;
  /** Whether it collects garbage, from the beginning of the next minute on. */
  readonly collects?: boolean;
}

/** Starts this program's registry as a user does: passwords, audit trail and metrics; the build where there is one. */
export async function startOwn(folder: string, { workers, collects = false }: OwnOptions): Promise<Server> {
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  const users = writeUsers(folder);
  const config = join(folder, 'seaworthy.yaml');
  const registry = {
    listen: `127.0.0.1:${port}`,
    data: join(folder, 'data'),
    workers,
    gc: { enabled: collects, schedule: '* * * * *' },
    auth: { htpasswd: users },
    permissions: [{ repositories: ['**'], actions: ['*'], to: ['authenticated'] }],
    metrics: { listen: `127.0.0.1:${await freePort()}` },
  };
  writeFileSync(config, JSON.stringify({ registry }));
  const args = [program(), 'registry', 'serve', '--quiet', '--config', config];
  return started(
    `seaworthy, ${workers} ${workers === 1 ? 'process' : 'processes'}`,
    port,
    config,
    process.execPath,
    args,
  );
}

/** The built program, or its sources. */
function program(): string {
  const built = join(root, 'dist', 'cli', 'main.js');
  return existsSync(built) ? built : join(root, 'src', 'cli', 'main.ts');
}

/** Starts another registry where it is on PATH; undefined where it is not. @param upstream whose images one of Docker's is to cache */
export async function startPeer(
  folder: string,
  kind: 'docker-registry' | 'registry' | 'zot',
  withPasswords: boolean,
  upstream?: string,
): Promise<Server | undefined> {
  const path = findProgram(kind);
  if (path === undefined) return undefined;
  const port = await freePort();
  mkdirSync(folder, { recursive: true });
  const users = writeUsers(folder);
  const data = join(folder, 'data');
  const config = join(folder, 'config.json');
  const distribution = {
    version: 0.1,
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: data }, delete: { enabled: true }, cache: { blobdescriptor: 'inmemory' } },
    http: { addr: `127.0.0.1:${port}` },
    ...(upstream === undefined ? {} : { proxy: { remoteurl: upstream } }),
    ...(withPasswords ? { auth: { htpasswd: { realm: 'bench', path: users } } } : {}),
  };
  const zot = {
    storage: { rootDirectory: data },
    http: {
      address: '127.0.0.1',
      port: String(port),
      ...(withPasswords ? { auth: { htpasswd: { path: users } } } : {}),
    },
    log: { level: 'error' },
  };
  writeFileSync(config, JSON.stringify(kind === 'zot' ? zot : distribution));
  const name = `${kind}${withPasswords ? '' : ', no passwords'}`;
  return started(name, port, config, path, ['serve', config]);
}

async function started(
  name: string,
  port: number,
  config: string,
  command: string,
  args: readonly string[],
): Promise<Server> {
  const host = `127.0.0.1:${port}`;
  const begun = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  try {
    await untilServing(host, child);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  const startTime = performance.now() - begun;
  return {
    name,
    host,
    pid: child.pid as number,
    config,
    startTime,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Until it answers somebody who shows a password: then its database and its users were read. */
async function untilServing(host: string, child: ChildProcess): Promise<void> {
  for (const until = performance.now() + 60_000; performance.now() < until;) {
    if (child.exitCode !== null) throw new Error('A registry ended at its start');
    try {
      const { status } = await fetch(`http://${host}/v2/`, { headers: { authorization } });
      if (status === 200) return;
    } catch {
      // Nobody listens yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('A registry does not answer');
}

/** The cost that `htpasswd -B` takes where nothing is said. */
function writeUsers(folder: string): string {
  const file = join(folder, 'users');
  writeFileSync(file, `${user}:${hashSync(password, 5).replace('$2b$', '$2y$')}\n`);
  return file;
}

/** A process and all below it. */
export function processTree(pid: number): readonly number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const children = tasks.flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(processTree)];
}

/** Resident memory of a process and all below it, in MiB. */
export function memoryOf(pid: number): number {
  const sizes = processTree(pid).map((one) => {
    const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${one}/status`, 'utf8'));
    return Number(match?.[1] ?? 0) / 1024;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}
