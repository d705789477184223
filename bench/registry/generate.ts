import { join } from 'node:path';
import { findProgram } from '../../testing/registry/find-program.ts';
import { run } from '../measure.ts';
import type { LoadResult, LoadTask } from './load.ts';
import { authorization, type Server } from './server.ts';

/** Without it, docker-registry has no such manifest. */
const manifestType = 'application/vnd.oci.image.manifest.v1+json';

/** Loads a registry from a process of its own. @throws Error when anything was not answered as it should be */
export async function generate(
  server: Server,
  task: Pick<LoadTask, 'kind' | 'path' | 'seconds' | 'connections' | 'most'>,
): Promise<LoadResult> {
  const full: LoadTask = { host: server.host, authorization, ...task };
  const { stdout, stderr, status } = await run(process.execPath, [
    join(import.meta.dirname, 'load.ts'),
    JSON.stringify(full),
  ]);
  if (status !== 0) throw new Error(`The load generator failed: ${stderr}`);
  const result = JSON.parse(stdout) as LoadResult;
  if (result.errors > 0) throw new Error(`${server.name} answered ${result.errors} requests wrongly`);
  return result;
}

/** Small answers a second: by `wrk` where it is on PATH, since it takes less of the machine than Node does. */
export async function requestRate(
  server: Server,
  path: string,
  { seconds, connections }: { readonly seconds: number; readonly connections: number },
): Promise<number> {
  const wrk = findProgram('wrk');
  if (wrk === undefined) {
    const result = await generate(server, { kind: 'get', path, seconds, connections });
    return result.count / result.seconds;
  }
  const headers = ['-H', `Authorization: ${authorization}`, '-H', `Accept: ${manifestType}`];
  const flags = ['-t1', `-c${connections}`, `-d${seconds}s`, ...headers];
  const { stdout } = await run(wrk, [...flags, `http://${server.host}${path}`]);
  if (stdout.includes('Non-2xx')) throw new Error(`${server.name} answered some requests wrongly: ${stdout}`);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
}
