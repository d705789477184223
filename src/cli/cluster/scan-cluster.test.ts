import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildIndex } from '../../../testing/image/image-builder.ts';
import {
  alpineImage,
  openScanWorld,
  type ScanWorld,
  seedDeployment,
  seedNodes,
  seedPullSecret,
  storeBuilt,
} from '../../../testing/kubernetes/cluster/scan-world.ts';
import { openVex, openVexStatement } from '../../../testing/vex-documents.ts';
import { listCounts } from '../../../testing/kubernetes/cluster/list-counts.ts';
import {
  startTestRegistry,
  type TestRegistry,
  type TestRegistryOptions,
} from '../../../testing/registry/test-registry.ts';

const old = alpineImage({ musl: '1.2.4-r2', busybox: '1.36.1-r1' });
const fresh = alpineImage({ musl: '1.2.4-r3' });
const armOld = alpineImage({ musl: '1.2.4-r1' }, 'arm64');
const both = buildIndex([{ content: old }, { content: armOld }]);

interface Scene extends AsyncDisposable {
  readonly world: ScanWorld;
  readonly registry: TestRegistry;
}

async function scene(options: TestRegistryOptions = {}): Promise<Scene> {
  await using opened = new AsyncDisposableStack();
  const world = opened.use(await openScanWorld());
  const registry = opened.use(await startTestRegistry(options));
  seedNodes(world.api);
  storeBuilt(registry, 'shop/web', '1', old);
  storeBuilt(registry, 'shop/web', '2', fresh);
  storeBuilt(registry, 'shop/both', '1', both);
  const kept = opened.move();
  return { world, registry, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

interface Told {
  readonly ClusterName: string;
  readonly Resources?: readonly ToldResource[];
  readonly Findings?: readonly ToldResource[];
  readonly Seaworthy: {
    readonly Images: readonly {
      readonly Name: string;
      readonly Digest?: string;
      readonly State: string;
      readonly Error?: { readonly Code: string; readonly Message: string };
      readonly Platforms: readonly {
        readonly Platform: string;
        readonly Counts?: Readonly<Record<string, number>>;
        readonly Flaws?: readonly { readonly ID: string; readonly Version: string }[];
      }[];
    }[];
    readonly Gaps: readonly unknown[];
  };
}

interface ToldResource {
  readonly Namespace: string;
  readonly Kind: string;
  readonly Name: string;
  readonly Metadata?: readonly { readonly OS?: { readonly Family: string } }[];
  readonly Results?: readonly {
    readonly Target: string;
    readonly Vulnerabilities?: readonly { readonly VulnerabilityID: string; readonly Title?: string }[];
    readonly Seaworthy: { readonly Platform: string };
  }[];
  readonly Error?: string;
}

function parse(out: string): Told {
  return JSON.parse(out) as Told;
}

test('k8s scans each running digest once, and tells findings by workload and by image', async () => {
  await using at = await scene();
  const { world, registry } = at;
  const image = `${registry.host}/shop/web:1`;
  seedDeployment(world.api, 'shop', 'web', { image, digests: [old.descriptor.digest, fresh.descriptor.digest] });
  seedDeployment(world.api, 'shop', 'again', { image, digests: [old.descriptor.digest] });
  seedDeployment(world.api, 'kube-system', 'dns', { image, digests: [fresh.descriptor.digest] });
  seedDeployment(world.api, 'idle', 'idle', { image: `${registry.host}/shop/web:2` });
  const { status, out, err } = await world.run({ report: 'all' }, { format: 'json' });
  assert.equal(status, 0, err);
  const told = parse(out);
  assert.equal(told.ClusterName, 'test');
  assert.deepEqual(
    told.Resources?.map(({ Namespace, Kind, Name, Results = [] }) => [
      `${Namespace} ${Kind}/${Name}`,
      Results.flatMap(({ Vulnerabilities = [] }) => Vulnerabilities.map(({ VulnerabilityID }) => VulnerabilityID)),
    ]),
    [
      ['idle Deployment/idle', []],
      ['kube-system Deployment/dns', []],
      ['shop Deployment/again', ['CVE-2026-2', 'CVE-2026-1']],
      ['shop Deployment/web', ['CVE-2026-2', 'CVE-2026-1']],
    ],
  );
  // The name that nothing runs of stands for what runs elsewhere, and is read no second time.
  assert.deepEqual(
    told.Seaworthy.Images.map(({ Name, Digest, State }) => [Name, Digest, State]),
    [
      [image, fresh.descriptor.digest, 'scanned'],
      [image, old.descriptor.digest, 'scanned'],
      [`${registry.host}/shop/web:2`, fresh.descriptor.digest, 'scanned'],
    ].sort(([a = '', x = ''], [b = '', y = '']) => (a < b || (a === b && x < y) ? -1 : 1)),
  );
  const blobs = registry.requests.filter(({ path }) => path.includes('/blobs/')).map(({ path }) => path);
  assert.equal(new Set(blobs).size, blobs.length);
  assert.ok(Object.values(listCounts(world.api.calls)).every((count) => count === 1));
  assert.match(err, /^test runs 4 workloads; 3 images scanned$/m);

  const table = await world.run({}, { severity: ['CRITICAL'] });
  assert.match(table.out, /^Summary Report for test\n=+\n\nWorkload Assessment\nNamespace +Resource +C +H +M +L +U\n/);
  assert.match(table.out, /^shop +Deployment\/again +1$/m);
  assert.match(table.out, /^shop +Deployment\/web +1$/m);
  assert.doesNotMatch(table.out, /Infra Assessment|RBAC/);
  assert.match(
    table.out,
    /^Severities: C=CRITICAL H=HIGH M=MEDIUM L=LOW U=UNKNOWN\n2 of 4 workloads have no findings$/m,
  );
});

test('k8s reads an index for the platforms of its nodes, and keeps them apart', async () => {
  await using at = await scene();
  const { world, registry } = at;
  const image = `${registry.host}/shop/both:1`;
  seedDeployment(world.api, 'shop', 'both', { image, digests: [both.descriptor.digest], nodes: ['n1', 'n2'] });
  const { status, out, err } = await world.run({ report: 'all' }, { format: 'json' });
  assert.equal(status, 0, err);
  const told = parse(out);
  assert.deepEqual(
    told.Seaworthy.Images[0]?.Platforms.map(({ Platform, Flaws = [] }) => [
      Platform,
      Flaws.map(({ Version }) => Version),
    ]),
    [
      ['linux/amd64', ['1.36.1-r1', '1.2.4-r2']],
      ['linux/arm64', ['1.2.4-r1']],
    ],
  );
  assert.deepEqual(
    told.Resources?.[0]?.Results?.map(({ Seaworthy: { Platform } }) => Platform),
    ['linux/amd64', 'linux/arm64'],
  );
});

test('k8s tells an image for which a node has no platform as a failure of that platform', async () => {
  await using at = await scene();
  const { world, registry } = at;
  const one = buildIndex([{ content: old }]);
  storeBuilt(registry, 'shop/one', '1', one);
  seedDeployment(world.api, 'shop', 'one', {
    image: `${registry.host}/shop/one:1`,
    digests: [one.descriptor.digest],
    nodes: ['n1', 'n2'],
  });
  const { status, out } = await world.run({}, { format: 'json' });
  assert.equal(status, 2);
  assert.match(parse(out).Findings?.[0]?.Error ?? '', /could not be scanned for linux\/arm64: .* has no image for/);
});

test('k8s shows credentials of pull secrets to their own registries alone', async () => {
  await using opened = new AsyncDisposableStack();
  const world = opened.use(await openScanWorld());
  const own = opened.use(await startTestRegistry({ auth: 'basic', username: 'shop', password: 'pull' }));
  const foreign = opened.use(await startTestRegistry({ auth: 'basic', username: 'nobody', password: 'knows' }));
  seedNodes(world.api);
  storeBuilt(own, 'shop/web', '1', old);
  storeBuilt(foreign, 'shop/web', '1', fresh);
  seedPullSecret(world.api, 'shop', 'pull', { [own.host]: 'shop:pull' });
  seedPullSecret(world.api, 'other', 'pull', { [foreign.host]: 'wrong:wrong' });
  const pullSecrets = ['pull'];
  const [here, there] = [`${own.host}/shop/web:1`, `${foreign.host}/shop/web:1`];
  seedDeployment(world.api, 'shop', 'web', { image: here, digests: [old.descriptor.digest], pullSecrets });
  seedDeployment(world.api, 'shop', 'lure', { image: there, digests: [fresh.descriptor.digest], pullSecrets });
  const { status, out } = await world.run({ report: 'all' }, { format: 'json', username: 'typed' });
  assert.equal(status, 2);
  const told = parse(out);
  const states = new Map(told.Seaworthy.Images.map(({ Name, State, Error: error }) => [Name, error?.Code ?? State]));
  assert.deepEqual([states.get(here), states.get(there)], ['scanned', 'UNAUTHORIZED']);
  assert.match(told.Resources?.find(({ Name }) => Name === 'lure')?.Error ?? '', /could not be scanned/);
  assert.ok(own.requests.some(({ authorization }) => authorization !== undefined));
  assert.ok(foreign.requests.length > 0);
  assert.deepEqual(
    foreign.requests.flatMap(({ authorization }) => authorization ?? []),
    [],
  );
  // Without Secrets, nothing is shown to anybody.
  const shown = own.requests.length;
  const without = await world.run({ pullSecrets: false }, { noCache: true });
  assert.equal(without.status, 2);
  assert.deepEqual(
    own.requests.slice(shown).flatMap(({ authorization }) => authorization ?? []),
    [],
  );
});

test('k8s goes on from what was read when its time was over, and reads nothing twice', async () => {
  await using at = await scene();
  const { world, registry } = at;
  const names = ['a', 'b'].map((name) => {
    const built = alpineImage({ musl: '1.2.4-r2', [name]: '1' });
    storeBuilt(registry, `shop/${name}`, '1', built);
    seedDeployment(world.api, 'shop', name, {
      image: `${registry.host}/shop/${name}:1`,
      digests: [built.descriptor.digest],
    });
    return name;
  });
  registry.faults.add({ kind: 'hang', path: '/shop/b/' });
  const first = await world.run({}, { format: 'json', timeout: 1500 });
  assert.equal(first.status, 2);
  assert.deepEqual(
    parse(first.out).Seaworthy.Images.map(({ State }) => State),
    ['scanned', 'left'],
  );
  assert.match(parse(first.out).Findings?.find(({ Name }) => Name === 'b')?.Error ?? '', /the time was over/);
  assert.match(first.err, /1 not scanned in time; run it again to go on/);
  registry.faults.clear();
  const before = registry.requests.length;
  const second = await world.run({}, { format: 'json' });
  assert.equal(second.status, 0, second.err);
  assert.equal(parse(second.out).Seaworthy.Images.length, names.length);
  const asked = registry.requests.slice(before).map(({ path }) => path);
  assert.ok(
    asked.length > 0 && asked.every((path) => path === '/v2/' || path.startsWith('/v2/shop/b/')),
    asked.join(' '),
  );
  const third = registry.requests.length;
  assert.equal((await world.run()).status, 0);
  assert.equal(registry.requests.length, third);
});

test('k8s waits for registries that are out, and tells those that stay so', async () => {
  await using at = await scene();
  const { world, registry } = at;
  const image = `${registry.host}/shop/web:1`;
  seedDeployment(world.api, 'shop', 'web', { image, digests: [old.descriptor.digest] });
  registry.faults.add({ kind: 'status', status: 429, headers: { 'retry-after': '60' }, path: '/manifests/', times: 2 });
  const patient = await world.run({}, { noCache: true });
  assert.equal(patient.status, 0, patient.err);
  registry.faults.add({ kind: 'status', status: 503, path: '/manifests/' });
  const { status, out } = await world.run({}, { noCache: true });
  assert.equal(status, 2);
  assert.match(out, /^shop +Deployment\/web +not all was looked at$/m);
  assert.match(out, /Images that were not looked at, or in part/);
  assert.match(out, /could not be scanned: .*503/s);
});

test('k8s leaves images out by name, fails as it is told, and writes several reports', async () => {
  await using at = await scene();
  const { world, registry } = at;
  seedDeployment(world.api, 'shop', 'web', {
    image: `${registry.host}/shop/web:1`,
    digests: [old.descriptor.digest],
  });
  seedDeployment(world.api, 'shop', 'gone', { image: 'gone.invalid/shop/gone:1' });
  const skipImages = ['gone.invalid/*'];
  assert.equal((await world.run({ skipImages }, { exitCode: 7 })).status, 7);
  assert.equal((await world.run({ skipImages }, { exitCode: 7, severity: ['LOW'] })).status, 0);
  assert.equal((await world.run({ skipImages }, { failOn: 'CRITICAL' })).status, 1);
  world.folder.write('.trivyignore', 'CVE-2026-1\nCVE-2026-2\n');
  const output = [{ format: 'json', file: 'cluster.json' }, { format: 'table' }];
  const { status, out, err } = await world.run({ skipImages, report: 'all' }, { exitCode: 7, output });
  assert.equal(status, 0, err);
  assert.match(out, /Used by shop Deployment\/web \(linux\/amd64\)/);
  const told = parse(readFileSync(join(world.folder.path, 'cluster.json'), 'utf8'));
  assert.deepEqual(
    told.Seaworthy.Images.map(({ State }) => State),
    ['scanned', 'skipped'],
  );
  assert.match(err, /1 image scanned, 1 left out/);
});

test('k8s leaves no image out that is written under another name too, and tells none as without findings that it left out', async () => {
  await using at = await scene();
  const { world, registry } = at;
  const digests = [old.descriptor.digest];
  seedDeployment(world.api, 'shop', 'web', { image: `${registry.host}/shop/web:1`, digests });
  const skipImages = ['gone.invalid/*'];
  const pinned = `gone.invalid/shop/web:1@${old.descriptor.digest}`;
  seedDeployment(world.api, 'evil', 'web', { image: pinned, digests, nodes: ['n1', 'n2', 'n3'] });
  seedDeployment(world.api, 'shop', 'gone', { image: 'gone.invalid/shop/gone:1' });
  const { status, out, err } = await world.run({ skipImages }, { exitCode: 7 });
  assert.equal(status, 7, err);
  assert.match(err, /1 image scanned, 1 left out/);
  for (const namespace of ['evil', 'shop']) assert.match(out, new RegExp(`^${namespace} +Deployment/web +1 +1$`, 'm'));
  assert.doesNotMatch(out, /no findings/);
  assert.match(out, /^1 of 3 workloads has images that were left out$/m);
});

test('k8s cuts names of images in tables that are longer than any can be', async () => {
  await using at = await scene();
  const { world } = at;
  const image = `x/${'y'.repeat(100_000)}`;
  seedDeployment(world.api, 'evil', 'web', { image, digests: [old.descriptor.digest] });
  for (const options of [{}, { report: 'all' }, { listImages: true }] as const) {
    const { out } = await world.run(options);
    assert.match(out, /evil Deployment\/web/);
    assert.ok(out.includes('…') && out.length < 10_000, String(out.length));
  }
  const { out, status } = await world.run({}, { format: 'json' });
  assert.equal(status, 2);
  assert.equal(parse(out).Seaworthy.Images[0]?.Name.length, image.length);
});

test('k8s --vex sets findings aside in the images that a statement is about, and in no others', async () => {
  await using at = await scene();
  const { world, registry } = at;
  const other = alpineImage({ musl: '1.2.4-r1' });
  storeBuilt(registry, 'shop/other', '1', other);
  for (const [name, content] of Object.entries({ web: old, other })) {
    const image = `${registry.host}/shop/${name}:1`;
    seedDeployment(world.api, 'shop', name, { image, digests: [content.descriptor.digest] });
  }
  const web = `pkg:oci/web@${old.descriptor.digest}?repository_url=${registry.host}/shop/web`;
  const part = { '@id': web, subcomponents: [{ '@id': 'pkg:apk/alpine/musl' }] };
  world.folder.write('web.json', JSON.stringify(openVex([openVexStatement('CVE-2026-1', [part])])));
  const { status, out, err } = await world.run({ report: 'all' }, { format: 'json', vex: ['web.json'] });
  assert.equal(status, 0, err);
  const told = parse(out);
  const found = told.Resources?.map(({ Name, Results = [] }) => [
    Name,
    Results.flatMap(({ Vulnerabilities = [] }) => Vulnerabilities.map(({ VulnerabilityID }) => VulnerabilityID)),
  ]);
  assert.deepEqual(found, [
    ['other', ['CVE-2026-1']],
    ['web', ['CVE-2026-2']],
  ]);
  assert.match(out, /"ExperimentalModifiedFindings": \[[^]*"Status": "not_affected"[^]*"Source": "web\.json"/);
  await assert.rejects(world.run({}, { vex: ['gone.json'] }), /The VEX document .*gone\.json cannot be read/);
});

test('k8s --since tells what changed, and fails on what is new alone', async () => {
  await using at = await scene();
  const { world, registry } = at;
  const image = `${registry.host}/shop/web:1`;
  seedDeployment(world.api, 'shop', 'web', { image, digests: [old.descriptor.digest] });
  const output = [{ format: 'json', file: 'before.json' }];
  assert.equal((await world.run({}, { output, exitCode: 7 })).status, 7);
  const same = await world.run({ since: 'before.json' }, { exitCode: 7 });
  assert.equal(same.status, 0, same.err);
  assert.match(same.out, /Changes since 2026-11-27T08:00:00.000Z\nNothing changed/);
  const worse = alpineImage({ musl: '1.2.4-r0' });
  storeBuilt(registry, 'shop/worse', '1', worse);
  seedDeployment(world.api, 'shop', 'worse', {
    image: `${registry.host}/shop/worse:1`,
    digests: [worse.descriptor.digest],
  });
  const more = await world.run({ since: 'before.json' }, { failOn: 'CRITICAL' });
  assert.equal(more.status, 1);
  assert.match(more.out, /Images that run now: 1/);
  assert.match(more.out, /CVE-2026-1 +CRITICAL +musl 1\.2\.4-r0/);
  assert.doesNotMatch(more.err, /warning/);
  const less = await world.run({ since: 'before.json', namespace: 'shop' }, { severity: ['CRITICAL'] });
  assert.match(less.err, /^warning: .*everything, and this one with --include-namespaces shop --severity CRITICAL;/m);
  assert.match(less.out, /\nNote: the earlier report was made of everything/);
  const none = world.folder.write('none.json', '{}');
  await assert.rejects(world.run({ since: none }), { code: 'SETTING_INVALID', message: /no report of a cluster/ });
});
