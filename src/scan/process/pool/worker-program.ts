import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isSingleFile } from '../../../base/single-file.ts';

/** What a worker runs, and what of the disk it needs for that. */
export interface WorkerProgram {
  readonly script: string;
  /** Files and folders that it may read. */
  readonly readable: readonly string[];
}

/** The worker of this program: in source beside this folder, in the bundle beside this file. */
export function workerProgram(): WorkerProgram {
  const isSource = import.meta.url.endsWith('.ts');
  const script = fileURLToPath(new URL(isSource ? '../worker/main.ts' : './scan-worker.js', import.meta.url));
  if (isSingleFile()) return { script, readable: [] };
  const folder = dirname(script);
  if (!isSource) return { script, readable: [folder, join(dirname(folder), 'package.json')] };
  const root = join(folder, '../../../..');
  const modules = join(root, 'node_modules');
  const linked = existsSync(modules) ? [modules, realpathSync(modules)] : [];
  return { script, readable: [join(root, 'src'), join(root, 'package.json'), ...linked] };
}
