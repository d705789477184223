import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { storeArtifact } from '../../../testing/registry/attached.ts';
import { makeSyntheticImage, storeImage } from '../../../testing/registry/synthetic-image.ts';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';
import { sharedWorkers } from '../../../testing/scanning/shared-workers.ts';
import { makeSbomSigner, storedBill } from '../../../testing/scanning/signed-sbom.ts';
import { advisoryUpdate, makeAdvisory, makeAffected } from '../../../testing/vulnerability-database.ts';
import { silentLogger } from '../../base/logger.ts';
import { silentProgress } from '../../base/progress.ts';
import { resolveImage, type ResolvedVariant } from '../../evidence/image/resolve-image.ts';
import { type Clock, systemClock } from '../../net/clock.ts';
import { openNetwork } from '../../net/open-network.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import { RegistryContent } from '../../oci/client/registry-content.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { Digest } from '../../oci/digest.ts';
import { openImage } from '../../oci/open-image.ts';
import type { Gathered, VulnerabilityFacts } from '../../policy/evidence.ts';
import { readImageInventory } from '../../scan/image-inventory.ts';
import { LayerPool } from '../../scan/layer-pool.ts';
import { skipNothing } from '../../scan/skip-rules.ts';
import { bundleMediaType } from '../../signing/bundle/media-type.ts';
import { buildDatabase } from '../../vulndb/build.ts';
import { processLimits } from '../../scan/process/limits.ts';
import { ImageFindings } from './image-findings.ts';
import { findingLimits } from './limits.ts';
import type { FindingsConfig } from './model.ts';

const network = openNetwork();
const folder = temporaryDirectory();
after(async () => {
  await network[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});
const { signal } = new AbortController();
const repository = 'team/app';
const alpine = {
  'etc/os-release': 'ID=alpine\nVERSION_ID="3.19.1"\n',
  'lib/apk/db/installed': 'P:musl\nV:1.2.4-r2\nA:x86_64\no:musl\n\n',
};

let databases = 0;

/** A database that knows of flaws of musl. */
async function know(ids: readonly string[], place?: string, builtAt = '2026-11-27T07:00:00Z'): Promise<string> {
  const path = place ?? join(folder.path, `vulndb-${(databases += 1)}`);
  const affected = [makeAffected('Alpine:v3.19 musl', ['0 1.2.4-r3'])];
  const advisories = ids.map((id) => makeAdvisory({ id, affected }));
  await buildDatabase(path, [advisoryUpdate(advisories, { fingerprint: builtAt })], { clock: () => new Date(builtAt) });
  return path;
}

const database = await know(['CVE-2026-1']);

interface World extends AsyncDisposable {
  readonly registry: TestRegistry;
  readonly remote: RemoteRepository;
  readonly findings: ImageFindings;
  readonly outcomes: string[];
  readonly variant: (tag: string) => Promise<ResolvedVariant>;
  readonly find: (tag: string) => Promise<Gathered<VulnerabilityFacts>>;
  /** Requests for blobs. */
  readonly blobs: () => number;
}

async function openWorld(config: Partial<FindingsConfig> = {}, clock: Clock = systemClock): Promise<World> {
  await using opened = new AsyncDisposableStack();
  const registry = opened.use(await startTestRegistry());
  const outcomes: string[] = [];
  const findings = opened.use(
    await ImageFindings.open(
      { database, workers: 1, memoryBytes: 2 ** 30, timeMs: 30_000, imageBytes: 2 ** 30, sbomKeys: [], ...config },
      { clock, logger: silentLogger, cores: 1, observe: (one) => void outcomes.push(one), openPool: sharedWorkers },
    ),
  );
  storeImage(registry.store, repository, 'v1', makeSyntheticImage([alpine]));
  const remote = { client: new RegistryClient(network, registry.host), repository };
  const variant = async (tag: string): Promise<ResolvedVariant> => {
    const [one] = (await resolveImage(remote, { tag }, [], signal)).images;
    assert.ok(one !== undefined);
    return one;
  };
  const kept = opened.move();
  return {
    registry,
    remote,
    findings,
    outcomes,
    variant,
    find: async (tag) => await findings.find(remote, await variant(tag), signal),
    blobs: () => registry.requests.filter(({ path }) => path.includes('/blobs/')).length,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function idsOf(found: Gathered<VulnerabilityFacts>): readonly string[] {
  assert.ok(found.state === 'known', JSON.stringify(found));
  return found.value.findings.map(({ id }) => id);
}

/** Asks until it is not pending any more. */
async function settled(find: () => Promise<Gathered<VulnerabilityFacts>>): Promise<Gathered<VulnerabilityFacts>> {
  for (let look = 0; look < 400; look += 1) {
    const found = await find();
    if (found.state !== 'pending') return found;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('it is pending for too long');
}

test('find() reads the layers of an image once, whoever asks', async () => {
  await using world = await openWorld();
  const found = await settled(() => world.find('v1'));
  assert.deepEqual(idsOf(found), ['CVE-2026-1']);
  assert.ok(found.state === 'known');
  assert.equal(found.value.databaseBuiltAt, Date.parse('2026-11-27T07:00:00Z'));
  assert.deepEqual(found.value.lacking, ['exploited', 'epss']);
  assert.match(found.value.distribution?.name ?? '', /alpine/);
  const before = world.blobs();
  assert.deepEqual(idsOf(await world.find('v1')), ['CVE-2026-1']);
  assert.deepEqual([world.blobs(), world.outcomes], [before, ['layers']]);
});

test('find() tells how far back the database is whole, by layers and by a list of packages', async () => {
  const place = await know(['CVE-2026-1'], undefined, '2026-11-26T07:00:00Z');
  const builtAt = '2026-11-27T07:00:00Z';
  await buildDatabase(place, [{ id: 'osv:Test', kind: 'unavailable' }], { clock: () => new Date(builtAt) });
  const signer = await makeSbomSigner('ours');
  for (const outcome of ['layers', 'sbom']) {
    await using world = await openWorld({ database: place, sbomKeys: [signer.key] });
    if (outcome === 'sbom') await attachSbom(world, signer);
    const found = await settled(() => world.find('v1'));
    assert.ok(found.state === 'known', JSON.stringify(found));
    const { databaseBuiltAt, databaseWholeAt } = found.value;
    assert.deepEqual([databaseBuiltAt, databaseWholeAt], [Date.parse(builtAt), Date.parse('2026-11-26T07:00:00Z')]);
    assert.deepEqual(world.outcomes, [outcome]);
  }
});

test('find() keeps nobody waiting: it is pending, goes on by itself, and is there later', async () => {
  const clock: Clock = {
    ...systemClock,
    sleep: (time, stop) => (time === findingLimits.waitTime ? Promise.resolve() : systemClock.sleep(time, stop)),
  };
  await using world = await openWorld({}, clock);
  assert.deepEqual(await world.find('v1'), { state: 'pending' });
  assert.deepEqual(idsOf(await settled(() => world.find('v1'))), ['CVE-2026-1']);
  assert.deepEqual(world.outcomes, ['layers']);
});

test('find() goes on where whoever asked gives up', async () => {
  await using world = await openWorld();
  const variant = await world.variant('v1');
  const impatient = new AbortController();
  const given = world.findings.find(world.remote, variant, impatient.signal);
  impatient.abort(new Error('enough'));
  await assert.rejects(given, /enough/);
  assert.deepEqual(idsOf(await settled(() => world.find('v1'))), ['CVE-2026-1']);
});

test('a new database finds more, and is told by another revision', async () => {
  const place = await know(['CVE-2026-1']);
  let beat: (() => void) | undefined;
  const clock: Clock = {
    ...systemClock,
    sleep: (time, stop) =>
      time === findingLimits.databaseTime
        ? new Promise((resolve, reject) => {
            beat = () => resolve();
            stop?.addEventListener('abort', () => reject(stop.reason as Error), { once: true });
          })
        : systemClock.sleep(time, stop),
  };
  await using world = await openWorld({ database: place }, clock);
  assert.deepEqual(idsOf(await settled(() => world.find('v1'))), ['CVE-2026-1']);
  const before = world.findings.revision();
  await know(['CVE-2026-1', 'CVE-2026-2'], place, '2026-11-28T07:00:00Z');
  beat?.();
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.notEqual(world.findings.revision(), before);
  assert.deepEqual(idsOf(await settled(() => world.find('v1'))), ['CVE-2026-1', 'CVE-2026-2']);
});

test('without a database nothing is known, and it is told what to do', async () => {
  await using world = await openWorld({ database: join(folder.path, 'none') });
  const found = await world.find('v1');
  assert.ok(found.state === 'unavailable');
  assert.match(
    found.reason,
    /there is no vulnerability database in .*none that can be used; get one with "seaworthy db update"/,
  );
  assert.equal(world.findings.revision(), 'none');
});

async function attachSbom({ registry, remote, variant }: World, by: Awaited<ReturnType<typeof makeSbomSigner>>) {
  const { descriptor } = await variant('v1');
  await using image = await openImage(
    new RegistryContent(remote),
    descriptor,
    {
      name: 'app',
      defaultPlatform: { os: 'linux', architecture: 'amd64' },
      repoTags: [],
      repoDigests: [],
      dispose: () => Promise.resolve(),
    },
    signal,
  );
  await using pool = new LayerPool(1);
  const inventory = await readImageInventory(image, {
    runner: pool,
    progress: silentProgress,
    signal,
    skip: skipNothing,
  });
  const bytes = await by.sign(descriptor.digest, storedBill(image, inventory));
  const layers = [{ mediaType: bundleMediaType, bytes }];
  storeArtifact(registry.store, repository, { artifactType: bundleMediaType, layers, subject: descriptor.digest });
  return manifestLayers(registry, descriptor.digest);
}

function manifestLayers({ store }: TestRegistry, digest: Digest): readonly string[] {
  const stored = store.manifest(repository, digest);
  const { layers } = JSON.parse(Buffer.from(stored?.bytes ?? '{}').toString()) as { layers: { digest: string }[] };
  return layers.map((layer) => layer.digest);
}

test('find() takes a list of packages that a trusted registry signed in the place of layers, and no other', async () => {
  const [ours, others] = await Promise.all(['ours', 'others'].map(makeSbomSigner));
  assert.ok(ours !== undefined && others !== undefined);
  for (const [by, outcome] of [
    [ours, 'sbom'],
    [others, 'layers'],
  ] as const) {
    await using world = await openWorld({ sbomKeys: [ours.key] });
    const layers = await attachSbom(world, by);
    const before = world.registry.requests.length;
    assert.deepEqual(idsOf(await settled(() => world.find('v1'))), ['CVE-2026-1']);
    const read = world.registry.requests
      .slice(before)
      .filter(({ path }) => layers.some((digest) => path.endsWith(digest)));
    assert.deepEqual([world.outcomes, read.length > 0], [[outcome], outcome === 'layers']);
  }
});

test('what is no image, or too large, is known to be unscannable and passes for nothing', async () => {
  await using world = await openWorld({ imageBytes: 200 });
  const big = await settled(() => world.find('v1'));
  assert.ok(big.state === 'known');
  assert.deepEqual(
    [big.value.findings, big.value.incomplete.map(({ code, incomplete }) => [code, incomplete])],
    [[], [['IMAGE_TOO_LARGE', true]]],
  );
  storeArtifact(world.registry.store, repository, { layers: [{ mediaType: 'x/y', bytes: Buffer.from('z') }] }, 'chart');
  const chart = await settled(() => world.find('chart'));
  assert.ok(chart.state === 'known');
  assert.deepEqual(
    chart.value.incomplete.map(({ code }) => code),
    ['NOT_AN_IMAGE'],
  );
});

test('a layer that is not what its digest says, or cannot be had, is no clean image; later it is tried again', async () => {
  let ahead = 0;
  const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead };
  await using world = await openWorld({}, clock);
  const { descriptor } = await world.variant('v1');
  const [layer] = manifestLayers(world.registry, descriptor.digest);
  world.registry.faults.add({ kind: 'status', path: `/blobs/${layer}`, status: 403 });
  const failed = await settled(() => world.find('v1'));
  assert.ok(failed.state === 'unavailable', JSON.stringify(failed));
  assert.match(failed.reason, /^it could not be scanned: /);
  world.registry.faults.clear();
  assert.equal((await world.find('v1')).state, 'unavailable');
  ahead = findingLimits.failedTime + 1;
  assert.deepEqual(idsOf(await settled(() => world.find('v1'))), ['CVE-2026-1']);
  await using other = await openWorld();
  other.registry.faults.add({ kind: 'wrong-bytes', path: `/blobs/${layer}` });
  const wrong = await settled(() => other.find('v1'));
  assert.ok(wrong.state === 'unavailable');
  assert.match(wrong.reason, /has another digest; it was damaged or swapped on the way$/);
});

test('a registry that sends what is no layer says nothing of an image, and keeps nobody from it elsewhere', async () => {
  await using world = await openWorld();
  const { registry, findings } = world;
  // Large enough for a reader to stop long before its end.
  const image = makeSyntheticImage([{ ...alpine, 'opt/noise': randomBytes(16_000_000).toString('latin1') }]);
  storeImage(registry.store, repository, 'large', image);
  storeImage(registry.store, 'evil/app', 'large', image);
  const variant = await world.variant('large');
  const [layer] = manifestLayers(registry, variant.descriptor.digest);
  registry.faults.add({ kind: 'wrong-bytes', path: `/evil/app/blobs/${layer}` });
  const evil = { ...world.remote, repository: 'evil/app' };
  const lied = await settled(() => findings.find(evil, variant, signal));
  assert.ok(lied.state === 'unavailable', JSON.stringify(lied));
  assert.match(lied.reason, /has another digest; it was damaged or swapped on the way$/);
  assert.deepEqual(idsOf(await settled(() => findings.find(world.remote, variant, signal))), ['CVE-2026-1']);
});

test('a registry that stalls gives way to other images, and is told to be slow', async () => {
  const sleep: Clock['sleep'] = (time, stop) =>
    systemClock.sleep(time === processLimits.paceTime || time === findingLimits.waitTime ? 50 : time, stop);
  await using world = await openWorld({}, { ...systemClock, sleep });
  const { registry, findings, remote } = world;
  const variant = await world.variant('v1');
  const [layer] = manifestLayers(registry, variant.descriptor.digest);
  // As many as there are processes.
  const evil = ['evil/one', 'evil/two'].map((name) => {
    storeImage(registry.store, name, 'v1', makeSyntheticImage([alpine]));
    registry.faults.add({ kind: 'hang', path: `/${name}/blobs/${layer}` });
    return { ...remote, repository: name };
  });
  const stalled = await Promise.all(evil.map((place) => findings.find(place, variant, signal)));
  assert.deepEqual(
    stalled.map(({ state }) => state),
    ['pending', 'pending'],
  );
  assert.deepEqual(idsOf(await settled(() => world.find('v1'))), ['CVE-2026-1']);
  assert.ok(world.outcomes.includes('CONTENT_SLOW'), JSON.stringify(world.outcomes));
});
