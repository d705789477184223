import assert from 'node:assert/strict';
import test from 'node:test';
import {
  entriesOf,
  gather,
  layerName,
  listed,
  one,
  replaceEntries,
  two,
  withImage,
} from '../../../testing/image/archived-images.ts';
import { encode } from '../../../testing/image/image-builder.ts';
import { dockerArchive, dockerArchiveEntries, layoutFiles } from '../../../testing/image/image-files.ts';
import { directory, file, hardlink, symlink, writeTar } from '../../../testing/image/tar-writer.ts';
import { validateImage } from '../validate/validate-image.ts';

/** Odd archives that open all the same. */
const odd: readonly (readonly [string, Buffer])[] = [
  [
    'names that start with ./',
    entriesOf('docker', (entries) => entries.map((entry) => ({ ...entry, name: `./${entry.name}` }))),
  ],
  [
    'names that start with /',
    entriesOf('docker', (entries) => entries.map((entry) => ({ ...entry, name: `/${entry.name}` }))),
  ],
  ['folders', entriesOf('docker', (entries) => [directory('x/'), ...entries])],
  [
    'PAX names and sizes',
    entriesOf('docker', (entries) => entries.map((entry) => ({ ...entry, forceExtension: true }))),
  ],
  [
    'GNU names and base-256 sizes',
    entriesOf('docker', (entries) =>
      entries.map((entry) => ({ ...entry, forceExtension: true, base256Size: true, dialect: 'gnu' })),
    ),
  ],
  [
    'a layer behind an absolute symlink',
    entriesOf('docker', (entries) => [
      ...replaceEntries(/^$/, (entry) => entry)(entries).filter(({ name }) => name !== layerName),
      file('blobs/first', one.tars[0]),
      symlink(layerName, '/blobs/first'),
    ]),
  ],
  [
    'a layer behind a hard link',
    entriesOf('docker', (entries) => [
      file('first', one.tars[0]),
      ...replaceEntries(new RegExp(`^${layerName}$`), ({ name }) => hardlink(name, 'first'))(entries),
    ]),
  ],
  [
    'an earlier list that a later one replaces',
    entriesOf('docker', (entries) => [file('manifest.json', '[]'), ...entries]),
  ],
  ['no end mark', writeTar(dockerArchiveEntries(listed, 'docker'), { trailer: false })],
  [
    'a layout that lacks its blobs',
    writeTar([
      file('index.json', layoutFiles([{ content: two }]).get('index.json')),
      ...dockerArchiveEntries(listed, 'docker'),
    ]),
  ],
  [
    'a layout that is damaged',
    entriesOf(
      'docker-25',
      replaceEntries(/^index\.json$/, ({ name }) => file(name, '{}x')),
    ),
  ],
];

for (const [title, bytes] of odd) {
  test(`openArchiveImage() opens an archive with ${title}`, async () => {
    await withImage(bytes, async (opened) => {
      assert.equal(opened.imageId, one.config.digest);
      assert.deepEqual(await validateImage(opened), []);
    });
  });
}

test('openArchiveImage() reports the layers that a trimmed archive lacks, and reads those it has', async () => {
  const squashed = file(layerName, one.tars[0]);
  const config = one.blobs.get(one.config.digest);
  const other = writeTar([file('squashed')]);
  const bytes = writeTar([
    squashed,
    file('other.tar', other),
    file('three.tar', other),
    file('config.json', config),
    file(
      'manifest.json',
      encode([{ Config: 'config.json', RepoTags: null, Layers: [layerName, 'other.tar', 'three.tar'] }]),
    ),
  ]);
  await withImage(bytes, async (opened) => {
    assert.deepEqual(
      opened.layers.map(({ absent }) => absent),
      [undefined, 'missing', undefined, undefined],
    );
    assert.equal(opened.layers[0]?.diffId, one.diffIds[0]);
    for (const layer of opened.layers.filter(({ absent }) => absent === undefined)) {
      assert.ok((await gather(layer.open())).length > 0);
    }
  });
});

test('openArchiveImage() shortens the full names that Podman writes', async () => {
  const repoTags = ['docker.io/library/one:1', 'localhost/one:1', 'not a name'];
  await withImage(dockerArchive([{ image: one, repoTags }]), (opened) => {
    assert.deepEqual(opened.repoTags, ['one:1', 'localhost/one:1', 'not a name']);
  });
});

test('openArchiveImage() takes names from the older list when the layout has none', async () => {
  const bytes = entriesOf(
    'docker-25',
    replaceEntries(/^index\.json$/, ({ name }) =>
      file(name, encode({ schemaVersion: 2, manifests: [one.descriptor] })),
    ),
  );
  await withImage(bytes, (opened) => {
    assert.equal(opened.manifestDigest, one.descriptor.digest);
    assert.deepEqual(opened.repoTags, ['one:1']);
  });
});

test('openArchiveImage() marks a layer whose entry is missing', async () => {
  const bytes = entriesOf('docker', (entries) => entries.filter(({ name }) => name !== layerName));
  await withImage(bytes, (opened) => {
    assert.deepEqual(
      opened.layers.map(({ absent }) => absent),
      ['missing', undefined],
    );
    assert.throws(() => opened.layers[0]?.open(), { code: 'BLOB_UNKNOWN' });
  });
});
