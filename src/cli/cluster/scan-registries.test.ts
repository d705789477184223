import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  alpineImage,
  openScanWorld,
  type ScanWorld,
  seedDeployment,
  seedNodes,
  seedPullSecret,
  storeBuilt,
} from '../../../testing/kubernetes/cluster/scan-world.ts';
import { plainHost, plainSettings } from '../../../testing/plain-host.ts';
import type { Fault } from '../../../testing/registry/fault.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { startSigningRegistry } from '../../../testing/registry/signing-registry.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import { scanLimits } from '../../cluster/scan/limits.ts';
import { triageClusterCommand, type TriageClusterOptions } from '../commands/triage-cluster.ts';
import type { Settings } from '../config/settings.ts';

const old = alpineImage({ musl: '1.2.4-r2' });
const fresh = alpineImage({ musl: '1.2.4-r3' });

interface Asked {
  readonly status: number;
  readonly hits: readonly string[];
  readonly unread: readonly (readonly [image: string, code: string])[];
  readonly unknown: readonly string[];
  readonly err: string;
}

async function ask(
  { folder }: ScanWorld,
  query: string,
  changes: Partial<Settings> = {},
  options: TriageClusterOptions = {},
): Promise<Asked> {
  const { host, out, err } = plainHost(folder.path);
  const resolved = plainSettings({ cacheDir: join(folder.path, 'cache'), ...changes });
  const given = { kubeconfig: join(folder.path, 'config'), ...options };
  const status = await triageClusterCommand(query, given, resolved, host, instantClock());
  const told = JSON.parse(out()) as {
    readonly workloads: readonly { readonly name: string }[];
    readonly unknown: readonly string[];
    readonly unread?: readonly { readonly image: string; readonly failure: { readonly code: string } }[];
  };
  return {
    status,
    hits: told.workloads.map(({ name }) => name),
    unread: (told.unread ?? []).map(({ image, failure }) => [image, failure.code]),
    unknown: told.unknown,
    err: err(),
  };
}

/** What was asked of a registry, out of what `--debug` tells. */
function pathsIn(err: string): readonly string[] {
  return [...err.matchAll(/url=http:\/\/[^/]+(\S+)/g)].map(([, path = '']) => path);
}

/** A layer is what is no JSON. */
function layersOf({ blobs }: typeof old): readonly string[] {
  return [...blobs].flatMap(([digest, bytes]) => (bytes[0] === 0x7b ? [] : [digest]));
}

test('k8s --sbom-key and triage --sbom-key take what registries attached and signed, and read no layer', async () => {
  await using world = await openScanWorld();
  const { api, folder } = world;
  await using registry = await startSigningRegistry(folder.path);
  folder.write('registry.pub', registry.publicKey);
  const sbomKey = ['registry.pub'];
  seedNodes(api);
  for (const [name, built] of [
    ['old', old],
    ['fresh', fresh],
  ] as const) {
    await registry.push(`shop/${name}`, '1', built);
    const image = `${registry.service.host}/shop/${name}:1`;
    seedDeployment(api, 'shop', name, { image, digests: [built.descriptor.digest] });
  }
  const layers = [...layersOf(old), ...layersOf(fresh)];
  const isLayer = (path: string): boolean => layers.some((digest) => path.endsWith(digest));

  // Nothing was read here, and nobody's word counts.
  assert.deepEqual((await ask(world, 'CVE-2026-1')).hits, []);
  assert.equal((await ask(world, 'CVE-2026-1')).unknown.length, 2);
  const asked = await ask(world, 'CVE-2026-1', { sbomKey, debug: true });
  assert.deepEqual([asked.status, asked.hits, asked.unread, asked.unknown], [1, ['old'], [], []]);
  assert.ok(pathsIn(asked.err).some((path) => path.includes('/referrers/')));
  assert.deepEqual(pathsIn(asked.err).filter(isLayer), []);
  // What came to be known stays so: no registry is asked for it again.
  const again = await ask(world, 'musl@*', { sbomKey, debug: true });
  assert.deepEqual([again.hits, pathsIn(again.err)], [['fresh', 'old'], []]);

  const scanned = await world.run({}, { sbomKey, noCache: true, debug: true });
  assert.equal(scanned.status, 0, scanned.err);
  assert.match(
    scanned.err,
    /shop\/old:1: its packages are those of its SBOM sha256:\w{64}, which registry\.pub signed/,
  );
  assert.match(scanned.out, /^shop +Deployment\/old +1$/m);
  assert.deepEqual(pathsIn(scanned.err).filter(isLayer), []);
  const read = await world.run({}, { noCache: true, debug: true });
  assert.equal(new Set(pathsIn(read.err).filter(isLayer)).size, layers.length);
  assert.equal(read.out, scanned.out);
});

test('triage --sbom-key tells images of which there is no SBOM, and of which that is not known, as perhaps hit', async () => {
  await using world = await openScanWorld();
  const { api, folder } = world;
  await using mute = await startTestRegistry();
  await using locked = await startTestRegistry({ auth: 'basic', username: 'shop', password: 'pull' });
  await using signing = await startSigningRegistry(folder.path);
  folder.write('registry.pub', signing.publicKey);
  const sbomKey = ['registry.pub'];
  seedNodes(api);
  storeBuilt(mute, 'shop/old', '1', old);
  storeBuilt(locked, 'shop/fresh', '1', fresh);
  seedPullSecret(api, 'shop', 'pull', { [locked.host]: 'shop:pull' });
  const digestOf = ({ descriptor }: typeof old): readonly string[] => [descriptor.digest];
  const [one, other] = [`${mute.host}/shop/old:1`, `${locked.host}/shop/fresh:1`];
  seedDeployment(api, 'shop', 'old', { image: one, digests: digestOf(old) });
  seedDeployment(api, 'shop', 'fresh', { image: other, digests: digestOf(fresh), pullSecrets: ['pull'] });
  const [first, second] = [`${one}@${old.descriptor.digest}`, `${other}@${fresh.descriptor.digest}`];
  const codes = async (options: TriageClusterOptions = {}): Promise<ReadonlyMap<string, string>> => {
    const { status, hits, unread, unknown, err } = await ask(world, 'CVE-2026-1', { sbomKey }, options);
    assert.deepEqual([status, hits, [...unknown].sort()], [2, [], [first, second].sort()]);
    assert.match(err, /^warning: perhaps hit as well, since nothing is known of them/m);
    for (const [image] of unread) assert.ok(err.includes(`${image}: `), err);
    return new Map(unread);
  };
  assert.deepEqual(await codes(), new Map([first, second].sort().map((image) => [image, 'SBOM_UNUSABLE'])));
  assert.ok(locked.requests.some(({ authorization }) => authorization !== undefined));
  assert.ok(mute.requests.every(({ authorization }) => authorization === undefined));
  const shown = locked.requests.length;
  assert.equal((await codes({ pullSecrets: false })).get(second), 'UNAUTHORIZED');
  assert.ok(locked.requests.slice(shown).every(({ authorization }) => authorization === undefined));
  mute.faults.add({ kind: 'status', status: 503, path: '/v2/' });
  assert.equal((await codes()).get(first), 'REGISTRY_UNAVAILABLE');
  // Whoever does not answer in time keeps nobody else from being told.
  mute.faults.clear();
  mute.faults.add({ kind: 'hang', path: '/v2/' });
  const late = await ask(world, 'CVE-2026-1', { sbomKey, timeout: 1500 });
  assert.deepEqual([late.status, new Map(late.unread).get(first), late.unknown.length], [2, 'TIMEOUT', 2]);
  const mistyped = { sbomKey: ['nowhere.pub'] };
  await assert.rejects(ask(world, 'CVE-2026-1', mistyped), { code: 'KEY_UNREADABLE' });
  await assert.rejects(world.run({}, mistyped), { code: 'KEY_UNREADABLE' });
});

test('k8s --registry-rate bounds how often a registry is asked, and no other', async () => {
  await using world = await openScanWorld();
  await using registry = await startTestRegistry();
  seedNodes(world.api);
  for (const [name, built] of [
    ['old', old],
    ['fresh', fresh],
  ] as const) {
    storeBuilt(registry, `shop/${name}`, '1', built);
    const image = `${registry.host}/shop/${name}:1`;
    seedDeployment(world.api, 'shop', name, { image, digests: [built.descriptor.digest] });
  }
  const waits = async (registryRate: readonly string[]): Promise<number> => {
    const clock = instantClock();
    const before = registry.requests.length;
    const { status, err } = await world.run({ registryRate }, { noCache: true }, { clock });
    assert.equal(status, 0, err);
    assert.ok(registry.requests.length - before >= 6);
    return clock.pauses.reduce((sum, pause) => sum + pause, 0);
  };
  assert.ok((await waits([`${registry.host}=1`])) >= 4000);
  assert.ok((await waits(['1'])) >= 4000);
  assert.equal(await waits(['other.example=1']), 0);
  assert.equal(await waits([]), 0);
  await assert.rejects(world.run({ registryRate: ['often'] }), { code: 'SETTING_INVALID' });
});

const faults: readonly (readonly [what: string, faults: readonly Fault[]])[] = [
  ['another manifest', [{ kind: 'wrong-bytes', path: '/manifests/' }]],
  ['other layers', [{ kind: 'wrong-bytes', path: '/blobs/' }]],
  ['less than was promised', [{ kind: 'short', after: 5, path: '/blobs/' }]],
  [
    'nothing, since it was asked too often',
    [{ kind: 'status', status: 429, headers: { 'retry-after': '86400' }, path: '/v2/' }],
  ],
  ['nothing, since it is out', [{ kind: 'status', status: 503, path: '/v2/' }]],
];

for (const [what, plan] of faults) {
  test(`k8s reads an image elsewhere where the registry that most name gives ${what}, and waits for nothing`, async () => {
    await using world = await openScanWorld();
    await using bad = await startTestRegistry({ faults: plan });
    await using good = await startTestRegistry();
    seedNodes(world.api);
    for (const registry of [bad, good]) storeBuilt(registry, 'shop/old', '1', old);
    const digests = [old.descriptor.digest];
    seedDeployment(world.api, 'evil', 'old', { image: `${bad.host}/shop/old:1`, digests, nodes: ['n1', 'n3'] });
    seedDeployment(world.api, 'shop', 'old', { image: `${good.host}/shop/old:1`, digests });
    const clock = instantClock();
    const { status, out, err } = await world.run({}, {}, { clock });
    assert.equal(status, 0, err);
    assert.match(out, /^shop +Deployment\/old +1$/m);
    assert.ok(bad.requests.length > 0);
    assert.ok(
      clock.pauses.every((pause) => pause < scanLimits.outages.firstPause),
      clock.pauses.join(' '),
    );
  });
}
