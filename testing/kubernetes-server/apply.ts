import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../image/temporary-directory.ts';
import { findProgram } from '../registry/find-program.ts';
import type { ApiServer } from './start-api-server.ts';

/**
 * Applies objects as `kubectl apply --server-side` does, in their order; a field that their kinds do not have is an error.
 *
 * @throws Error with what kubectl said
 */
export async function applyObjects(
  { kubeconfig }: Pick<ApiServer, 'kubeconfig'>,
  objects: readonly object[],
): Promise<void> {
  using folder = temporaryDirectory();
  const env = { HOME: folder.path, KUBECONFIG: folder.write('config', kubeconfig) };
  const file = folder.write('list.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  const args = ['apply', '--server-side', '--force-conflicts', '--validate=strict', '-f', file];
  await promisify(execFile)(findProgram('kubectl') as string, args, { env, timeout: 60_000 });
}
