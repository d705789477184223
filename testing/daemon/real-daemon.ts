import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { openSync, closeSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DaemonKind } from '../../src/oci/daemon/sockets.ts';
import { findProgram } from '../registry/find-program.ts';

/** The program behind each kind of daemon. */
export const daemonPrograms: Readonly<Record<DaemonKind, string>> = { docker: 'dockerd', podman: 'podman' };

/** A service of the real program, with an empty store of its own. */
export interface RealDaemon extends AsyncDisposable {
  /** As `DOCKER_HOST` and `CONTAINER_HOST` have it. */
  readonly host: string;
  /** Takes what `docker save` wrote into the store. */
  load(archive: Uint8Array): Promise<void>;
}

/** How long a service may take to answer, and to go away. */
const patienceMs = 30_000;

/**
 * Starts the service over a temporary folder. It runs no containers, so it needs no network, no control groups and no
 * file system but the plain one.
 *
 * @throws Error with the service's last words when it does not come up, as where a machine lets nobody mount anything
 */
export async function startRealDaemon(kind: DaemonKind): Promise<RealDaemon> {
  const folder = await mkdtemp(join(tmpdir(), `${kind}-`));
  const socketPath = join(folder, 'daemon.sock');
  const host = `unix://${socketPath}`;
  const logPath = join(folder, 'log');
  const log = openSync(logPath, 'w');
  const child = spawn(findProgram(daemonPrograms[kind]) as string, argumentsFor(kind, folder, host), {
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, TMPDIR: folder, XDG_RUNTIME_DIR: folder },
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
  while ((await ask(socketPath, 'GET', '/version').catch(() => undefined))?.status !== 200) {
    if (child.exitCode !== null || child.pid === undefined || Date.now() > until) {
      const words = (await readFile(logPath, 'utf8')).trimEnd().split('\n').at(-1);
      await stop();
      throw new Error(`${daemonPrograms[kind]} does not come up here: ${words}`);
    }
    await sleep(100);
  }
  return {
    host,
    async load(archive) {
      const { status, text } = await ask(socketPath, 'POST', '/images/load', archive);
      if (status !== 200 || text.includes('"error"')) throw new Error(`${kind} does not load the image: ${text}`);
    },
    [Symbol.asyncDispose]: stop,
  };
}

function argumentsFor(kind: DaemonKind, folder: string, host: string): string[] {
  const [data, run] = [join(folder, 'data'), join(folder, 'run')];
  if (kind === 'podman') {
    return ['--root', data, '--runroot', run, '--storage-driver=vfs', 'system', 'service', '--time=0', host];
  }
  const paths = [`--data-root=${data}`, `--exec-root=${run}`, `--pidfile=${join(folder, 'pid')}`, `--host=${host}`];
  return [...paths, '--storage-driver=vfs', '--bridge=none', '--iptables=false', '--ip6tables=false'];
}

function ask(
  socketPath: string,
  method: string,
  path: string,
  body?: Uint8Array,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-tar', 'content-length': body?.length ?? 0 };
    const sent = request({ socketPath, method, path, headers, timeout: patienceMs }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => void chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      answer.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer to ${path}`)));
    sent.on('error', reject);
    sent.end(body);
  });
}
