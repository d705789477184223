import { setFlagsFromString } from 'node:v8';
import { boundOldGeneration } from './old-generation.ts';

/**
 * Has V8 hold little rather than run fast, for a process that waits most of its life: the heap grows in small steps, and code is
 * interpreted, not compiled. Compilers take tens of megabytes in heaps of their own, which are never given back. What natives do (JSON, TLS,
 * hashes, compression) is as fast as ever. It holds for the whole process and all of its life, so it is for servers to call at their start.
 */
export function preferLowMemory(): void {
  boundOldGeneration(50);
  for (const flag of ['--optimize-for-size', '--no-opt', '--no-maglev', '--no-sparkplug']) setFlagsFromString(flag);
}
