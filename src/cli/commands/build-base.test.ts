import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { plainHost, plainSettings } from '../../../testing/plain-host.ts';
import { RegistryStore } from '../../../testing/registry/store.ts';
import { makeSyntheticImage, storeImage, storeIndex } from '../../../testing/registry/synthetic-image.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import { openNetwork } from '../../net/open-network.ts';
import { openRegistryImage } from '../../oci/client/open-registry-image.ts';
import { parseReference } from '../../oci/reference.ts';
import { validateImage } from '../../oci/validate/validate-image.ts';
import type { BuildFlags } from '../build/flags.ts';
import { buildCommand } from './build.ts';

const key = 'org.opencontainers.image.base';
const platforms = ['amd64', 'arm64'] as const;

/** Builds with one file, and gives back what was said. */
async function build(flags: Pick<BuildFlags, 'from' | 'push' | 'platform'>, env: Record<string, string> = {}) {
  using folder = temporaryDirectory();
  folder.write('app', 'the program');
  const lists = { add: ['app:/srv/'], mkdir: [], env: [], label: [], annotation: [], expose: [], volume: [] };
  const { host, out } = plainHost(folder.path, { env });
  const rest = { compression: 'gzip', output: [], tag: [] } as const;
  await buildCommand({ ...lists, ...rest, ...flags }, plainSettings({ cacheDir: `${folder.path}/cache` }), host);
  return out().trim();
}

interface StoredManifest {
  readonly annotations: Readonly<Record<string, string>>;
  readonly layers: readonly { readonly digest: string }[];
  readonly manifests: readonly { readonly digest: string }[];
}

function readManifest(store: RegistryStore, repository: string, reference: string): StoredManifest {
  return JSON.parse(Buffer.from(store.manifest(repository, reference)?.bytes ?? []).toString()) as StoredManifest;
}

function imagesFor(release: string) {
  return {
    amd64: makeSyntheticImage([{ release, arch: 'amd64' }]),
    arm64: makeSyntheticImage([{ release, arch: 'arm64' }], 'arm64'),
  };
}

/** A store whose tag `1` of `base/os` is moved to another index as soon as it was read once. */
class MovingStore extends RegistryStore {
  reads = 0;

  override manifest(repository: string, reference: string): ReturnType<RegistryStore['manifest']> {
    const found = super.manifest(repository, reference);
    if (repository === 'base/os' && reference === '1') {
      this.reads += 1;
      storeIndex(this, 'base/os', '1', imagesFor('second'));
    }
    return found;
  }
}

test('build takes each platform of one base, and says which manifest that was, though its tag moves meanwhile', async () => {
  const store = new MovingStore();
  await using registry = await startTestRegistry({ store });
  storeIndex(store, 'base/os', '1', imagesFor('first'));
  const from = `${registry.host}/base/os:1`;
  const push = `${registry.host}/team/app:1`;
  await build({ from, push, platform: platforms.map((each) => `linux/${each}`) });
  assert.equal(store.reads, 1);
  const index = readManifest(store, 'team/app', '1');
  assert.equal(index.annotations[`${key}.name`], from);
  for (const [at, architecture] of platforms.entries()) {
    const first = storeImage(store, 'elsewhere', architecture, imagesFor('first')[architecture]);
    const built = readManifest(store, 'team/app', index.manifests[at]?.digest as string);
    assert.deepEqual([built.annotations[`${key}.name`], built.annotations[`${key}.digest`]], [from, first]);
    assert.equal(built.layers[0]?.digest, readManifest(store, 'elsewhere', first).layers[0]?.digest);
    const network = openNetwork({ userAgent: 'test', offline: false });
    const wanted = { os: 'linux', architecture };
    await using image = await openRegistryImage(network, parseReference(push), {
      platform: wanted,
      defaultPlatform: wanted,
    });
    assert.deepEqual(await validateImage(image), []);
  }
});

test('build goes on with the blobs of the base that it has read, though the tag names another one by then', async () => {
  const store = new MovingStore();
  await using registry = await startTestRegistry({ store });
  await using target = await startTestRegistry();
  storeIndex(store, 'base/os', '1', imagesFor('first'));
  const wanted = storeImage(store, 'elsewhere', '1', imagesFor('first').arm64);
  const from = `${registry.host}/base/os:1`;
  await build({ from, push: `${target.host}/team/app:1`, platform: ['linux/arm64'] });
  const built = readManifest(target.store, 'team/app', '1');
  assert.equal(built.annotations[`${key}.digest`], wanted);
  assert.equal(built.layers[0]?.digest, readManifest(store, 'elsewhere', wanted).layers[0]?.digest);
});

test('build shows the credentials of a private base to its own registry alone', async () => {
  const blobs = new RegistryStore();
  await using elsewhere = await startTestRegistry({ store: blobs });
  await using base = await startTestRegistry({ auth: 'basic' });
  await using target = await startTestRegistry();
  const image = makeSyntheticImage([{ base: 'private' }]);
  storeImage(base.store, 'base/os', '1', image);
  storeImage(blobs, 'base/os', '1', image);
  const { layers } = readManifest(base.store, 'base/os', '1');
  const path = `/v2/base/os/blobs/${layers[0]?.digest}`;
  base.faults.add({ kind: 'redirect', path, to: `${elsewhere.url}${path}` });
  using home = temporaryDirectory();
  const auth = Buffer.from('sailor:hold-fast').toString('base64');
  home.write('config.json', JSON.stringify({ auths: { [base.host]: { auth } } }));
  const flags = { from: `${base.host}/base/os:1`, push: `${target.host}/team/app:1`, platform: [] };
  await assert.rejects(build(flags), { code: 'UNAUTHORIZED' });
  assert.deepEqual(target.requests, []);

  await build(flags, { DOCKER_CONFIG: home.path });
  assert.ok(base.requests.some(({ authorization }) => authorization === `Basic ${auth}`));
  assert.equal(readManifest(target.store, 'team/app', '1').layers[0]?.digest, layers[0]?.digest);
  for (const { requests } of [target, elsewhere]) {
    assert.ok(requests.length > 0);
    assert.deepEqual(
      requests.filter(({ authorization }) => authorization !== undefined),
      [],
    );
  }
});
