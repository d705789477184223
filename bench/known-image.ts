import { join } from 'node:path';
import { openNetwork } from '../src/net/open-network.ts';
import { listReferrers } from '../src/oci/client/list-referrers.ts';
import { RegistryClient } from '../src/oci/client/registry-client.ts';
import { RegistrySink } from '../src/oci/client/registry-sink.ts';
import { copyContent } from '../src/oci/copy-content.ts';
import { openLayoutFolder } from '../src/oci/layout/layout-folder.ts';
import { encryptPrivateKey } from '../src/signing/key/encrypted-key.ts';
import { generateKeyPair } from '../src/signing/key/private-key.ts';
import { formatPublicKey } from '../src/signing/key/public-key-pem.ts';
import { startServiceOf } from '../testing/registry/service-of-text.ts';
import { median, type Cost } from './measure.ts';
import type { Line, Workspace } from './workspace.ts';

const rounds = 5;

/**
 * A first scan of an image that its registry has scanned: with the registry's key, beside without. Each run has an empty cache;
 * the two take turns.
 */
export async function knownImage(space: Workspace): Promise<Line[]> {
  const { privateKey, publicKey } = await generateKeyPair();
  const database = join(await space.freshCache(), 'vulndb');
  const settings = `{enabled: true, key: registry.key, keyPasswordFile: password, database: ${database}}`;
  await using service = await startServiceOf(`registry: {listen: "127.0.0.1:0", scanning: ${settings}}`, {
    'registry.key': await encryptPrivateKey(privateKey, Buffer.from('bench')),
    'registry.pub': formatPublicKey(publicKey),
    password: 'bench',
  });
  await using network = openNetwork();
  const remote = { client: new RegistryClient(network, service.host), repository: 'app' };
  const { content, entries } = openLayoutFolder(space.image);
  const [root] = entries;
  if (root === undefined) throw new Error('The layout has no image');
  await copyContent(content, new RegistrySink(remote), root);
  const started = performance.now();
  while ((await listReferrers(remote.client, 'app', root.digest, { fallbackToo: false })).descriptors.length < 2) {
    if (performance.now() - started > 300_000) throw new Error('The registry attached nothing');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const attached = performance.now() - started;

  const name = `${service.host}/app@${root.digest}`;
  const image = async (...more: string[]): Promise<Cost> => {
    const cost = await space.seaworthy(['image', name, '-f', 'json', ...more], await space.freshCache());
    if (cost.stdout === '') throw new Error(`The scan failed: ${cost.stderr}`);
    return cost;
  };
  const [layers, known]: [Cost[], Cost[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    layers.push(await image());
    known.push(await image('--sbom-key', join(service.folder.path, 'registry.pub'), '--sbom-only'));
  }
  const [slow, quick] = [layers, known].map((costs) => median(costs.map(({ wall }) => wall))) as [number, number];
  const memory = (costs: readonly Cost[]): string => `${Math.max(...costs.map((cost) => cost.memory)).toFixed(0)} MiB`;
  return [
    { label: 'the registry: from push to attached', value: `${attached.toFixed(0)} ms` },
    { label: 'image, layers read', value: `${slow.toFixed(0)} ms, ${memory(layers)}` },
    {
      label: 'image --sbom-key, whole process',
      value: `${quick.toFixed(0)} ms, ${memory(known)}: ${(quick / slow).toFixed(2)} of that`,
      bar: '<= 0.25',
      met: quick / slow <= 0.25,
    },
  ];
}
