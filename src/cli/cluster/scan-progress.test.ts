import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  alpineImage,
  openScanWorld,
  seedDeployment,
  seedNodes,
  storeBuilt,
} from '../../../testing/kubernetes/cluster/scan-world.ts';
import { plainHost, plainSettings } from '../../../testing/plain-host.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import { openScanProgress } from './scan-progress.ts';

test('k8s shows on a terminal what it lists and how many images are read, and nothing where nobody watches', async () => {
  await using world = await openScanWorld();
  await using registry = await startTestRegistry();
  seedNodes(world.api);
  for (const name of ['a', 'b']) {
    const built = alpineImage({ musl: '1.2.4-r2', [name]: '1' });
    storeBuilt(registry, `shop/${name}`, '1', built);
    const image = `${registry.host}/shop/${name}:1`;
    seedDeployment(world.api, 'shop', name, { image, digests: [built.descriptor.digest] });
  }
  // The line is drawn ten times a second at most.
  registry.faults.add({ kind: 'drip', bytes: 100, everyMs: 100, path: '/blobs/' });
  const columns = 100;
  const { status, err } = await world.run({}, {}, { columns });
  assert.equal(status, 0);
  const drawn = err.split('\r\u001B[2K');
  assert.ok(drawn.includes('listing test'), err);
  assert.ok(
    drawn.some((line) => /^images [12]\/2 (?:50|100)%$/.test(line)),
    err,
  );
  // The line is gone before anything else is said.
  assert.equal(drawn.at(-1), 'test runs 2 workloads; 2 images scanned\n');
  registry.faults.clear();
  for (const [changes, more] of [
    [{}, {}],
    [{ noProgress: true }, { columns }],
  ] as const) {
    assert.equal((await world.run({}, changes, more)).err, drawn.at(-1));
  }
  assert.equal((await world.run({}, { quiet: true }, { columns })).err, '');
  const listed = await world.run({ listImages: true }, {}, { columns });
  assert.ok(listed.err.split('\r\u001B[2K').includes('listing test'), listed.err);
});

test('openScanProgress() clears its line before others write, and when what it shows has failed', async () => {
  const { host, err } = plainHost('/', { columns: 80 });
  const progress = openScanProgress(plainSettings({}).settings, host);
  await assert.rejects(
    progress.reading(async (observe) => {
      observe(0, 3);
      await progress.host.stderr.write('a word\n');
      throw new Error('over');
    }),
    { message: 'over' },
  );
  assert.equal(err(), '\r\u001B[2Kimages 0/3 0%\r\u001B[2Ka word\n');
  assert.equal(progress.host.stderr.columns, 80);
});
