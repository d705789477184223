import { type Containerd, startContainerd } from '../../testing/daemon/containerd.ts';
import { findProgram } from '../../testing/registry/find-program.ts';

/** Milliseconds that a real containerd takes for a first pull. */
export interface ContainerdPull {
  /** Until all layers are in its store, verified. */
  readonly fetched: number;
  /** Until they are unpacked too, into plain folders. */
  readonly unpacked: number;
}

/** True where programs to measure with are there, and may be started. */
export const hasContainerd: boolean =
  process.getuid?.() === 0 && ['containerd', 'ctr'].every((name) => findProgram(name) !== undefined);

/**
 * Pulls through a cache as a node does.
 *
 * @param openCache gives the host and port of a cache that has nothing yet
 */
export async function containerdPull(
  openCache: () => Promise<AsyncDisposable & { readonly url: string }>,
  repository: string,
): Promise<ContainerdPull> {
  const timed = async (...args: readonly string[]): Promise<number> => {
    await using cache = await openCache();
    await using containerd: Containerd = await startContainerd();
    const started = performance.now();
    await containerd.run(...args, '--plain-http', `${new URL(cache.url).host}/${repository}:v1`);
    return performance.now() - started;
  };
  return { fetched: await timed('content', 'fetch'), unpacked: await timed('images', 'pull') };
}
