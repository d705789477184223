import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildImage, type BuiltImage } from '../../../testing/image/image-builder.ts';
import { makeFinding } from '../../../testing/policy/make-evidence.ts';
import { startGatedCache } from '../../../testing/registry/gate/gated-cache.ts';
import { type GatedRegistry, noCriticals, startGatedRegistry } from '../../../testing/registry/gate/gated-registry.ts';
import { putBuilt } from '../../../testing/registry/put-built.ts';
import type { FindingFacts } from '../../policy/evidence.ts';
import type { ScanFacts } from './model.ts';

/*
 * A layer whose media type says that its publisher keeps it, and which the registry has all the same: clients take it from there when its
 * `urls` name none, or lead nowhere.
 */

const image: BuiltImage = buildImage({
  layers: [
    {
      tar: [{ name: 'note', body: 'foreign' }],
      mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
      urls: ['https://elsewhere.example/layer'],
    },
  ],
});
const { digest } = image.descriptor;
const layer = image.layers[0]?.digest;

const known = (findings: readonly FindingFacts[], revision: string): ScanFacts => ({
  state: 'known',
  facts: { findings, incomplete: [] },
  at: 0,
  revision,
});

async function expectJudged(gated: GatedRegistry, repository: string): Promise<void> {
  const pull = async (): Promise<number> => (await gated.own.ask('GET', `${repository}/blobs/${layer}`)).status;
  gated.scans.set(digest, known([makeFinding()], '1'));
  assert.equal((await gated.own.ask('GET', `${repository}/manifests/v1`)).status, 403);
  assert.equal(await pull(), 403);
  gated.scans.set(digest, known([], '2'));
  assert.equal((await gated.own.ask('GET', `${repository}/manifests/v1`)).status, 200);
  assert.equal(await pull(), 200);
}

test('openPolicyGate() judges a foreign layer by the image that names it', async () => {
  await using gated = await startGatedRegistry({ rules: [noCriticals] });
  await gated.push('app', 'v1', image);
  await expectJudged(gated, 'app');
});

test('openPolicyGate() judges a foreign layer of an upstream, which comes from there like any other', async () => {
  await using cache = await startGatedCache();
  putBuilt(cache.upstream.store, 'app', image, 'v1');
  await expectJudged(cache.gated, 'hub.test/app');
});
