import { request } from 'node:http';
import { join } from 'node:path';
import type { DaemonKind } from '../../src/oci/daemon/sockets.ts';
import { startDaemon } from './daemon-process.ts';

/** The program behind each kind of daemon. */
export const daemonPrograms: Readonly<Record<DaemonKind, string>> = { docker: 'dockerd', podman: 'podman' };

/** A service of the real program, with an empty store of its own. */
export interface RealDaemon extends AsyncDisposable {
  /** As `DOCKER_HOST` and `CONTAINER_HOST` have it. */
  readonly host: string;
  /** Takes what `docker save` wrote into the store. */
  load(archive: Uint8Array): Promise<void>;
}

/** How long an answer may take. */
const patienceMs = 30_000;

/**
 * Starts the service over a temporary folder. It runs no containers, so it needs no network, no control groups and no
 * file system but the plain one.
 *
 * @param more arguments for it, and variables
 * @throws Error with the service's last words when it does not come up, as where a machine lets nobody mount anything
 */
export async function startRealDaemon(
  kind: DaemonKind,
  more: { readonly args?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<RealDaemon> {
  const { args = [], env = {} } = more;
  const socketIn = (folder: string): string => join(folder, 'daemon.sock');
  const daemon = await startDaemon({
    program: daemonPrograms[kind],
    args: (folder) => [...argumentsFor(kind, folder, `unix://${socketIn(folder)}`), ...args],
    isReady: async (folder) => (await ask(socketIn(folder), 'GET', '/version')).status === 200,
    env,
  });
  const socketPath = socketIn(daemon.folder);
  return {
    host: `unix://${socketPath}`,
    async load(archive) {
      const { status, text } = await ask(socketPath, 'POST', '/images/load', archive);
      if (status !== 200 || text.includes('"error"')) throw new Error(`${kind} does not load the image: ${text}`);
    },
    [Symbol.asyncDispose]: () => daemon[Symbol.asyncDispose](),
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
