import { checkNode, otherHost } from '../check/check-node.ts';
import { allFindings, type JudgedRoute } from '../check/report.ts';
import { filesInMemory } from '../node/node-files.ts';
import type { EgressPolicy } from '../policy/model.ts';
import type { RuntimeName } from '../runtime/runtime.ts';
import type { GeneratedFile } from './target.ts';

/**
 * Reads files of a node with the model of their runtime, and says where they would lead elsewhere.
 *
 * @param fallsBack the runtime asks the upstream whatever its files say: only that the private registry comes first is looked at
 */
export async function verifyNodeFiles(
  files: readonly GeneratedFile[],
  policy: EgressPolicy,
  runtime: RuntimeName,
  fallsBack: boolean = false,
): Promise<string | undefined> {
  const { registry, exceptions, hosts } = policy;
  const report = await checkNode(filesInMemory(new Map(files.map(({ path, text }) => [path, text]))), {
    registry: registry.authority,
    exceptions: exceptions.map(({ host }) => host),
    hosts: [...hosts, ...registry.prefixed, registry.authority, ...exceptions.map(({ host }) => host)],
    runtimes: [runtime],
  });
  const [open] = fallsBack ? [] : report.runtimes.flatMap(({ routes }) => routes.filter((route) => route.open));
  if (open !== undefined)
    return `${open.image} would be asked for at ${open.endpoints.map(({ url }) => url).join(', ')}`;
  const bad = allFindings(report).find(({ level, code }) => level !== 'note' && !(fallsBack && code === 'FALLS_BACK'));
  if (bad !== undefined) return `${bad.file ?? runtime} ${bad.sentence}`;
  const routes = new Map(report.runtimes[0]?.routes.map((route) => [route.image, route]));
  const led = runtime === 'docker' ? ['docker.io'] : hosts;
  const wanted = fallsBack || runtime === 'crio' ? led : [...led, otherHost];
  const missing = wanted.find((host) => !asksFirst(routes.get(host), registry.authority));
  return missing === undefined ? undefined : `${missing} would not be asked for at ${registry.authority}`;
}

function asksFirst(route: JudgedRoute | undefined, registry: string): boolean {
  return route?.outcome === 'asked' && route.endpoints[0]?.host === registry;
}
