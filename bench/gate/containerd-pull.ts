import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { type Containerd, startContainerd } from '../../testing/daemon/containerd.ts';
import { findProgram } from '../../testing/registry/find-program.ts';

/** Milliseconds that a real containerd takes for a first pull. */
export interface ContainerdPull {
  /** Until all layers are in its store, verified. */
  readonly fetched: number;
  /** Until they are unpacked too. */
  readonly unpacked: number;
}

/** True where programs to measure with are there, and may be started. */
export const hasContainerd: boolean = isThere('containerd', 'ctr');

/** True where one can be asked as a kubelet does. */
export const hasNode: boolean = isThere('containerd', 'crictl');

type OpenCache = () => Promise<AsyncDisposable & { readonly url: string }>;

/**
 * Pulls through a cache by containerd's own client: once without unpacking, and once, from an empty cache again, with it, into plain
 * folders.
 *
 * @param openCache gives the host and port of a cache that has nothing yet
 */
export async function containerdPull(openCache: OpenCache, repository: string): Promise<ContainerdPull> {
  const timed = async (...args: readonly string[]): Promise<number> => {
    await using cache = await openCache();
    await using containerd: Containerd = await startContainerd();
    const started = performance.now();
    await containerd.run(...args, '--plain-http', `${new URL(cache.url).host}/${repository}:v1`);
    return performance.now() - started;
  };
  return { fetched: await timed('content', 'fetch'), unpacked: await timed('images', 'pull') };
}

/**
 * Pulls through a cache as a kubelet lets its node: layers are unpacked while others come.
 *
 * @param blobs of the image: its manifest, its config and its layers
 */
export async function nodePull(openCache: OpenCache, repository: string, blobs: number): Promise<ContainerdPull> {
  await using cache = await openCache();
  using folder = temporaryDirectory();
  const { host } = new URL(cache.url);
  mkdirSync(join(folder.path, host));
  writeFileSync(join(folder.path, host, 'hosts.toml'), `server = "${cache.url}"\n`);
  await using node = await startContainerd({ hosts: folder.path, snapshotter: 'overlayfs' });
  const started = performance.now();
  const since = (): number => performance.now() - started;
  const command = ['--runtime-endpoint', node.endpoint, '--timeout', '2m', 'pull', `${host}/${repository}:v1`];
  let isOver = false;
  const unpacked = node.home
    .run('crictl', ...command)
    .then(since)
    .finally(() => void (isOver = true));
  // Looked at rather than told: containerd says only when it is done with the image.
  while (!isOver && node.blobs() < blobs) await sleep(5);
  const fetched = since();
  return { fetched, unpacked: await unpacked };
}

function isThere(...programs: readonly string[]): boolean {
  return process.getuid?.() === 0 && programs.every((name) => findProgram(name) !== undefined);
}
