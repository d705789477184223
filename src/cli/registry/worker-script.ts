import { fileURLToPath } from 'node:url';
import { type ProgramCall, programCall } from '../../base/single-file.ts';
import { youngGenerationFlag } from '../../registry/young-generation.ts';

/** What each process of a registry of several runs: in source two folders up, in the bundle beside this file. */
export function workerScript(env: Readonly<Record<string, string | undefined>>): ProgramCall {
  const name = import.meta.url.endsWith('.ts') ? '../main-registry-worker.ts' : './registry-worker.js';
  const flags = [...process.execArgv.filter((flag) => flag !== youngGenerationFlag), youngGenerationFlag];
  return programCall(fileURLToPath(new URL(name, import.meta.url)), flags, env['NODE_OPTIONS']);
}
