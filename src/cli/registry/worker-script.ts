import { fileURLToPath } from 'node:url';

/** What each process of a registry of several runs: in source two folders up, in the bundle beside this file. */
export function workerScript(): string {
  const name = import.meta.url.endsWith('.ts') ? '../main-registry-worker.ts' : './registry-worker.js';
  return fileURLToPath(new URL(name, import.meta.url));
}
