import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { sampleDigests, seedSampleCluster } from '../../../testing/kubernetes/cluster/sample-cluster.ts';
import { kubernetesLab, type KubernetesLab } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { needsSharedData, sharedData } from '../../../testing/shared-data.ts';
import { listCluster } from '../discovery/list-cluster.ts';
import { compileSelection } from '../selection.ts';
import { renderKbom } from './render-kbom.ts';

interface Bom {
  readonly metadata: { readonly properties?: readonly { readonly value: string }[] };
  readonly components: readonly Part[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  readonly compositions: readonly { readonly aggregate: string }[];
}

interface Part {
  readonly type: string;
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly components?: readonly Part[];
}

async function bomOf({ client }: KubernetesLab): Promise<Bom> {
  const { signal } = new AbortController();
  const selection = compileSelection();
  const inventory = await listCluster({ client, cluster: 'test', selection, now: () => new Date(0), signal });
  let text = '';
  for await (const piece of renderKbom({ inventory, images: [], part: [], createdAt: inventory.listedAt }, '1'))
    text += piece;
  return JSON.parse(text) as Bom;
}

test('renderKbom() tells a cluster, what runs it, its nodes, and its workloads with their images by digest', async () => {
  await using lab = await kubernetesLab();
  seedSampleCluster(lab.api);
  const bom = await bomOf(lab);
  const refs = bom.components.map((component) => component['bom-ref']);
  assert.equal(new Set(refs).size, refs.length);
  for (const ref of [
    'control-plane/k8s.io/apiserver/1.34.1',
    'control-plane/go.etcd.io/etcd/v3/3.6',
    'node/n1',
    'workload/shop/apps/Deployment/web',
    `image/${sampleDigests.webOld}`,
  ]) {
    assert.ok(refs.includes(ref), `${ref} of ${refs.join(', ')}`);
  }
  const node = bom.components.find((component) => component['bom-ref'] === 'node/n2');
  assert.deepEqual(
    node?.components?.map(({ name, version }) => [name, version]),
    [
      ['Debian GNU/Linux 13 (trixie)', undefined],
      ['kernel', '6.12.48+deb13-amd64'],
      ['k8s.io/kubelet', '1.34.1'],
      ['github.com/containerd/containerd', '2.1.4'],
    ],
  );
  const web = bom.dependencies.find(({ ref }) => ref === 'workload/shop/apps/Deployment/web');
  assert.ok(
    web?.dependsOn.includes(`image/${sampleDigests.webOld}`) && web.dependsOn.includes('image/ghcr.io/shop/web:2'),
  );
  const known = new Set(['cluster', ...refs, ...bom.components.flatMap(partsOf)]);
  for (const { ref, dependsOn } of bom.dependencies)
    assert.ok(
      [ref, ...dependsOn].every((each) => known.has(each)),
      ref,
    );
  const image = bom.components.find((component) => component['bom-ref'] === `image/${sampleDigests.webOld}`);
  assert.match(image?.purl ?? '', /^pkg:oci\/web@sha256:0+1\?repository_url=ghcr.io%2Fshop%2Fweb$/);
  assert.deepEqual(
    bom.compositions.map(({ aggregate }) => aggregate),
    ['complete'],
  );
});

function partsOf({ components = [] }: Part): readonly string[] {
  return components.map((component) => component['bom-ref']);
}

test('renderKbom() says that it is incomplete where a list is missing', async () => {
  await using lab = await kubernetesLab({ authorize: (_, { resource }) => resource !== 'nodes' });
  seedSampleCluster(lab.api);
  const bom = await bomOf(lab);
  assert.deepEqual(
    bom.compositions.map(({ aggregate }) => aggregate),
    ['incomplete'],
  );
  assert.match(bom.metadata.properties?.[0]?.value ?? '', /^Node: /);
});

const schemaPath = ['schemas', 'cyclonedx', 'bom-1.6.schema.json'] as const;

test('renderKbom() is valid against the schema of 1.6', needsSharedData(...schemaPath), async () => {
  await using lab = await kubernetesLab();
  seedSampleCluster(lab.api);
  const read = (name: string): Record<string, unknown> =>
    JSON.parse(readFileSync(sharedData('schemas', 'cyclonedx', name) as string, 'utf8')) as Record<string, unknown>;
  const ajv = new Ajv({ strict: false, logger: false });
  addFormats.default(ajv);
  ajv.addFormat('iri-reference', true);
  ajv.addFormat('idn-email', true);
  for (const name of ['spdx.schema.json', 'jsf-0.82.schema.json']) ajv.addSchema(read(name));
  const validate = ajv.compile(read('bom-1.6.schema.json'));
  assert.ok(validate(await bomOf(lab)), JSON.stringify(validate.errors, undefined, 2));
});
