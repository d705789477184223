import { availableParallelism } from 'node:os';
import { unpackingThreads } from '../../base/unpacking-threads.ts';

/** Commands that unpack layers in the process that runs them, as in the launcher of the package (`bin/seaworthy.js`). */
const unpacking: ReadonlySet<string> = new Set(['image', 'sbom', 'k8s', 'kubernetes']);

/**
 * Has as many threads for zlib as there are processors, 2 to 16, unless the user says how many. To be called before anything uses one.
 */
export function setUnpackingThreads(command: string, env: Record<string, string | undefined>): void {
  if (!unpacking.has(command)) return;
  env['UV_THREADPOOL_SIZE'] ||= unpackingThreads(availableParallelism(), 16);
}
