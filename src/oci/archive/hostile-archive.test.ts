import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { attestationEntry, buildImage, buildIndex, encode } from '../../../testing/image/image-builder.ts';
import { dockerArchive, legacyArchive, ociArchive } from '../../../testing/image/image-files.ts';
import { sealHeader } from '../../../testing/image/tar-header.ts';
import { file, symlink, writeTar } from '../../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { OciError } from '../error.ts';
import { parsePlatform } from '../platform.ts';
import { parseHistory, parseInspect } from '../daemon/inspect.ts';
import { chooseRoot } from '../layout/choose-root.ts';
import { validateImage } from '../validate/validate-image.ts';
import { parseDockerManifest } from './docker-manifest.ts';
import { openArchiveImage } from './open-archive.ts';

const defaultPlatform = parsePlatform('linux/amd64');
const image = buildImage({ layers: [{ tar: [file('a', 'text')] }, { tar: [file('b')], compression: 'zstd' }] });
const index = buildIndex([{ content: image }, attestationEntry(image)]);
const listed = [{ image, repoTags: ['x:1'] }];

const seeds: readonly Buffer[] = [
  dockerArchive(listed),
  dockerArchive(listed, 'kaniko'),
  dockerArchive(listed, 'skopeo', 'gzip'),
  dockerArchive(listed, 'docker-25', 'zstd-multi'),
  ociArchive([{ content: index, refName: '1' }]),
  legacyArchive(image, 'x', '1'),
];

/** Opens and reads everything; lets only coded errors pass. Tells whether it opened. */
async function openAll(path: string): Promise<boolean> {
  try {
    await using opened = await openArchiveImage(path, { name: path, selector: {}, defaultPlatform });
    await validateImage(opened);
    return true;
  } catch (error) {
    assert.ok(error instanceof OciError, error instanceof Error ? error.stack : String(error));
    assert.match(error.message, /^[^\n]{10,600}$/);
    return false;
  }
}

type Mutation = (bytes: Buffer) => Buffer;

const mutation: fc.Arbitrary<Mutation> = fc
  .tuple(fc.nat(), fc.nat(), fc.constantFrom(0, 1, 2, 3, 4))
  .map(([at, more, kind]): Mutation => (bytes) => {
    const copy = Buffer.from(bytes);
    const place = bytes.length === 0 ? 0 : at % bytes.length;
    const block = place - (place % 512);
    if (copy.length === 0 || kind === 0) return copy.subarray(0, place);
    if (kind === 1) copy[place] = more % 256;
    if (kind === 2) copy[place] = (copy[place] as number) ^ (1 << (more % 8));
    if (kind === 3) copy.copyWithin(block, more % copy.length);
    // A header whose checksum fits, so that what is behind it is reached.
    if (kind === 4 && block + 512 <= copy.length) {
      copy[block + (more % 512)] = at % 256;
      sealHeader(copy.subarray(block, block + 512));
    }
    return copy;
  });

test('openArchiveImage() ends mutated archives in coded errors', async () => {
  using folder = temporaryDirectory();
  let opened = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...seeds), fc.array(mutation, { maxLength: 3 }), async (seed, mutations) => {
      const bytes = mutations.reduce<Buffer>((current, mutate) => mutate(current), seed);
      if (await openAll(folder.write('image', bytes))) opened += 1;
    }),
    { numRuns: 600 },
  );
  assert.ok(opened > 10, 'most mutations would have to be harmless for the rest to mean something');
});

test('openArchiveImage() ends random bytes in coded errors', async () => {
  using folder = temporaryDirectory();
  const magic = fc.constantFrom('', '1f8b0800000000000003', '28b52ffd', '502a4d18');
  await fc.assert(
    fc.asyncProperty(magic, fc.uint8Array({ maxLength: 2000 }), async (head, rest) => {
      const bytes = Buffer.concat([Buffer.from(head, 'hex'), rest]);
      assert.equal(await openAll(folder.write('image', bytes)), false);
    }),
    { numRuns: 200 },
  );
});

const digest = image.descriptor.digest;
const keys =
  'Config Layers RepoTags LayerSources manifests digest size mediaType annotations platform Id RootFS Created Size'
    .split(' ')
    .concat(digest, '__proto__', 'org.opencontainers.image.ref.name');
const json = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(
      null,
      0,
      1,
      -1,
      'x',
      'x:1',
      digest,
      digest.slice(7),
      'application/vnd.oci.image.index.v1+json',
      true,
    ),
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...keys), tie('node')),
  ),
})).node;

const readers: readonly (readonly [string, (bytes: Buffer) => unknown])[] = [
  ['parseDockerManifest', parseDockerManifest],
  ['chooseRoot', (bytes) => chooseRoot(bytes, {}, () => undefined)],
  ['chooseRoot by tag', (bytes) => chooseRoot(bytes, { tag: 'x' }, () => 1)],
  ['parseInspect', parseInspect],
  ['parseHistory', (bytes) => parseHistory(bytes, 1)],
];

for (const [name, read] of readers) {
  test(`${name}() throws nothing but coded errors`, () => {
    fc.assert(
      fc.property(
        fc.oneof(
          json.map(encode),
          fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        ),
        (bytes) => {
          try {
            read(bytes);
          } catch (error) {
            assert.ok(error instanceof OciError, error instanceof Error ? error.stack : String(error));
          }
        },
      ),
      { numRuns: 500 },
    );
  });
}

test('openArchiveImage() refuses a gzip bomb before it has run its course', async () => {
  using folder = temporaryDirectory();
  // Every member unfolds a thousandfold; together they promise one entry of two TiB.
  const header = writeTar([file('bomb', '', { declaredSize: 2 ** 41 })], { trailer: false });
  const member = gzipSync(Buffer.alloc(64 << 20), { level: 9 });
  const path = folder.write(
    'bomb.tar.gz',
    Buffer.concat([gzipSync(header), ...Array.from({ length: 40 }, () => member)]),
  );
  const opening = openArchiveImage(path, { name: path, selector: {}, defaultPlatform });
  await assert.rejects(opening, { name: 'OciError', code: 'LIMIT_EXCEEDED', message: /bombs/ });
});

test('openArchiveImage() follows no more links than any program writes', async () => {
  using folder = temporaryDirectory();
  const chain = Array.from({ length: 100 }, (_, at) => symlink(`link-${at}`, `link-${at + 1}`));
  const list = file('manifest.json', encode([{ Config: 'link-0', Layers: [] }]));
  const path = folder.write('links.tar', writeTar([...chain, file('link-100', '{}'), list]));
  const opening = openArchiveImage(path, { name: path, selector: {}, defaultPlatform });
  await assert.rejects(opening, { name: 'OciError', code: 'ARCHIVE_INVALID' });
});
