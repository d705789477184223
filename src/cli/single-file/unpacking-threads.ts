import { availableParallelism } from 'node:os';

/** Commands that unpack layers in the process that runs them, as in the launcher of the package (`bin/seaworthy.js`). */
const unpacking: ReadonlySet<string> = new Set(['image', 'sbom', 'k8s', 'kubernetes']);

/**
 * Has as many threads for zlib as there are processors, unless the user says how many. Node has four however many there are: on two they
 * take these from each other, so that a scan takes a tenth longer, and on many they are too few. To be called before anything uses one.
 */
export function setUnpackingThreads(command: string, env: Record<string, string | undefined>): void {
  if (!unpacking.has(command)) return;
  env['UV_THREADPOOL_SIZE'] ||= String(Math.max(2, Math.min(16, availableParallelism())));
}
