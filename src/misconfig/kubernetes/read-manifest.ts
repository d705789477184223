import { printable } from '../../base/printable.ts';
import type { Container, Manifest, PodTemplate } from './manifest.ts';
import { itemsAt, type PlacedMap, type PlacedNode, scalarAt, textAt, valueAt } from './yaml/node.ts';

/** Where kinds have what they make Pods of; a Pod is one itself. Groups are left open: old ones are, and Argo's Rollouts are Deployments. */
const templates: ReadonlyMap<string, readonly string[]> = new Map([
  ['Pod', []],
  ['PodTemplate', ['template']],
  ['ReplicationController', ['spec', 'template']],
  ['Deployment', ['spec', 'template']],
  ['DeploymentConfig', ['spec', 'template']],
  ['Rollout', ['spec', 'template']],
  ['StatefulSet', ['spec', 'template']],
  ['DaemonSet', ['spec', 'template']],
  ['ReplicaSet', ['spec', 'template']],
  ['Job', ['spec', 'template']],
  ['CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
]);

/** What messages call a container of each list. */
const lists = { containers: 'container', initContainers: 'init container', ephemeralContainers: 'ephemeral container' };

/**
 * Reads a value as an object of Kubernetes; undefined where it does not say what it is.
 *
 * @param given what an object in a list of one kind does not say itself
 */
export function readManifest(
  node: PlacedNode,
  given: { readonly apiVersion: string; readonly kind: string } | undefined,
): Manifest | undefined {
  if (node.kind !== 'map') return undefined;
  const apiVersion = textAt(node, 'apiVersion') ?? given?.apiVersion ?? '';
  const kind = textAt(node, 'kind') ?? given?.kind ?? '';
  if (apiVersion === '' || kind === '') return undefined;
  const name = wordAt(node, 'metadata', 'name');
  const namespace = wordAt(node, 'metadata', 'namespace');
  const slash = apiVersion.indexOf('/');
  const shown = name === '' ? wordAt(node, 'metadata', 'generateName') : name;
  const place = [namespace, shown].filter((each) => each !== '').map((each) => printable(each, 100));
  const resource = `${printable(kind)} ${place.join('/')}`.trimEnd();
  const pod = readPod(node, kind, resource);
  return {
    apiVersion,
    group: slash < 0 ? '' : apiVersion.slice(0, slash),
    kind,
    name,
    ...(namespace === '' ? {} : { namespace }),
    root: node,
    lines: node.lines,
    resource,
    ...(pod === undefined ? {} : { pod }),
  };
}

/** Names of numbers, which API servers refuse, are told as they are. */
function wordAt(node: PlacedNode, ...way: readonly string[]): string {
  return String(scalarAt(node, ...way) ?? '');
}

function readPod(root: PlacedMap, kind: string, resource: string): PodTemplate | undefined {
  const way = templates.get(kind);
  if (way === undefined) return undefined;
  const template = way.length === 0 ? root : valueAt(root, ...way);
  const spec = valueAt(template, 'spec');
  if (spec?.kind !== 'map') return undefined;
  const metadata = valueAt(template, 'metadata');
  const containers = (Object.keys(lists) as (keyof typeof lists)[]).flatMap((list) =>
    itemsAt(spec, list).flatMap((item, at): readonly Container[] => {
      if (item.kind !== 'map') return [];
      const name = wordAt(item, 'name') === '' ? `${at + 1}` : printable(wordAt(item, 'name'));
      return [{ list, name, node: item, podSpec: spec, resource: `${resource}, ${lists[list]} ${name}` }];
    }),
  );
  return { spec, ...(metadata?.kind === 'map' ? { metadata } : {}), containers };
}
