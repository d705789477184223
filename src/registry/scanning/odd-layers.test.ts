import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import test from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { buildImage, type BuiltContent, encode, sha256 } from '../../../testing/image/image-builder.ts';
import { file, writeTar } from '../../../testing/image/tar-writer.ts';
import { npmPackage, osRelease } from '../../../testing/package-files.ts';
import { openScanWorld, pushImage, scanned } from '../../../testing/scanning/scan-world.ts';
import { sharedWorkers as workers } from '../../../testing/scanning/shared-workers.ts';
import { makeAdvisory, makeAffected } from '../../../testing/vulnerability-database.ts';
import type { Digest } from '../../oci/digest.ts';

/*
 * Layers as builders write them, and as somebody might who wants them to be read otherwise than runtimes do. These tell how a layer is
 * packed by its first bytes, read all members and frames, and compare what comes out with the DiffIDs.
 */

const tar = writeTar([osRelease('alpine', '3.19.1'), npmPackage('left-pad', '1.3.0')]);
const half = Math.ceil(tar.length / 2);
const gzip = (bytes: Buffer): Buffer => gzipSync(bytes);
const zstd = (bytes: Buffer): Buffer => zstdCompressSync(bytes);
const parts = (pack: (bytes: Buffer) => Buffer, between = Buffer.alloc(0)): Buffer =>
  Buffer.concat([pack(tar.subarray(0, half)), between, pack(tar.subarray(half))]);
const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
const junk = Buffer.from('more');
const oci = 'application/vnd.oci.image.layer.v1.tar';

interface Odd {
  readonly what: string;
  readonly layer: Buffer;
  readonly mediaType?: string;
  /** Of the config; that of the tar where nothing is said. */
  readonly diffIds?: readonly Digest[];
  readonly layers?: number;
  readonly manifest?: object;
  readonly config?: object;
  /** `all`, or the code of what is told instead. */
  readonly found: string;
}

const odd: readonly Odd[] = [
  { what: 'several gzip members', layer: parts(gzip), found: 'all' },
  {
    what: 'an empty gzip member before others',
    layer: Buffer.concat([gzip(Buffer.alloc(0)), parts(gzip)]),
    found: 'all',
  },
  { what: 'zeros after the last gzip member', layer: Buffer.concat([gzip(tar), Buffer.alloc(512)]), found: 'all' },
  { what: 'junk after the last gzip member', layer: Buffer.concat([gzip(tar), junk]), found: 'MALFORMED' },
  { what: 'a gzip member after zeros', layer: parts(gzip, Buffer.alloc(512)), found: 'MALFORMED' },
  {
    what: 'a gzip member after zeros, of which the DiffID knows nothing',
    layer: parts(gzip, Buffer.alloc(512)),
    diffIds: [sha256(tar.subarray(0, half))],
    found: 'MALFORMED',
  },
  {
    what: 'a second gzip member of which the DiffID knows nothing',
    layer: parts(gzip),
    diffIds: [sha256(tar.subarray(0, half))],
    found: 'DIGEST_MISMATCH',
  },
  { what: 'several zstd frames', layer: parts(zstd), mediaType: `${oci}+zstd`, found: 'all' },
  {
    what: 'skippable zstd frames before, between and after others',
    layer: Buffer.concat([skippable, parts(zstd, skippable), skippable]),
    mediaType: `${oci}+zstd`,
    found: 'all',
  },
  {
    what: 'junk after the last zstd frame',
    layer: Buffer.concat([zstd(tar), junk]),
    mediaType: `${oci}+zstd`,
    found: 'MALFORMED',
  },
  {
    what: 'a gzip member after the last zstd frame',
    layer: Buffer.concat([zstd(tar.subarray(0, half)), gzip(tar.subarray(half))]),
    diffIds: [sha256(tar.subarray(0, half))],
    found: 'MALFORMED',
  },
  { what: 'a plain tar that is called gzip', layer: tar, mediaType: `${oci}+gzip`, found: 'all' },
  { what: 'zstd that is called gzip', layer: zstd(tar), mediaType: `${oci}+gzip`, found: 'all' },
  { what: 'gzip that is called a plain tar', layer: gzip(tar), mediaType: oci, found: 'all' },
  {
    what: 'gzip that is called a plain tar, with the DiffID of its packed bytes',
    layer: gzip(tar),
    mediaType: oci,
    diffIds: [sha256(gzip(tar))],
    found: 'DIGEST_MISMATCH',
  },
  { what: 'the same layer twice', layer: gzip(tar), layers: 2, diffIds: [sha256(tar), sha256(tar)], found: 'all' },
  { what: 'more layers than DiffIDs', layer: gzip(tar), layers: 2, found: 'IMAGE_INVALID' },
  { what: 'no DiffIDs', layer: gzip(tar), diffIds: [], found: 'IMAGE_INVALID' },
  { what: 'more DiffIDs than layers', layer: gzip(tar), diffIds: [sha256(tar), sha256(tar)], found: 'IMAGE_INVALID' },
  {
    what: 'a history of empty layers',
    layer: gzip(tar),
    config: { history: [{ empty_layer: true }, { created_by: 'a' }, { empty_layer: true }] },
    found: 'all',
  },
  { what: 'an artifactType', layer: gzip(tar), manifest: { artifactType: 'application/vnd.example' }, found: 'all' },
];

function build({ layer, mediaType, diffIds = [sha256(tar)], layers = 1, manifest, config }: Odd): BuiltContent {
  const rootfs = { type: 'layers', diff_ids: diffIds };
  const bare = buildImage({ layers: [], config: { rootfs, history: [], ...config } });
  const descriptor = { mediaType: mediaType ?? `${oci}+gzip`, digest: sha256(layer), size: layer.length };
  const type = bare.descriptor.mediaType;
  const bytes = encode({
    schemaVersion: 2,
    mediaType: type,
    config: bare.config,
    layers: Array.from({ length: layers }, () => descriptor),
    ...manifest,
  });
  const digest = sha256(bytes);
  const blobs = new Map([...bare.blobs, [descriptor.digest, layer] as const, [digest, bytes] as const]);
  return { descriptor: { mediaType: type, digest, size: bytes.length }, blobs };
}

test('images with odd layers are read as runtimes unpack them, or told not to be read', async () => {
  await using world = await openScanWorld({ workers });
  await world.know([makeAdvisory({ id: 'CVE-2026-0001', affected: [makeAffected('npm left-pad', ['0 1.4.0'])] })]);
  for (const one of odd) {
    const digest = await pushImage(world.content, 'app', build(one) as Parameters<typeof pushImage>[2]);
    const status = await scanned(world, digest);
    if (status.kind === 'known') {
      const { findings, problems, isIncomplete } = status.evidence;
      if (one.found === 'all') {
        assert.deepEqual(
          [findings?.map(({ id }) => id), problems, isIncomplete],
          [['CVE-2026-0001'], [], false],
          one.what,
        );
      } else {
        assert.deepEqual([problems.map(({ code }) => code), isIncomplete], [[one.found], true], one.what);
      }
    } else assert.deepEqual([status.kind, 'code' in status && status.code], ['failed', one.found], one.what);
  }
});

test('a large layer that was damaged where it is kept is told not to be read, though its tar is still right', async () => {
  await using world = await openScanWorld({ workers });
  await world.know([makeAdvisory({ id: 'CVE-2026-1', affected: [makeAffected('npm left-pad', ['0 1.4.0'])] })]);
  const image = buildImage({
    layers: [{ tar: [osRelease('alpine', '3.19.1'), file('noise', randomBytes(5_000_000))] }],
  });
  const digest = await pushImage(world.content, 'app', image);
  const name = image.layers[0]?.digest.replace('sha256:', '') as string;
  const kept = readdirSync(world.folder, { recursive: true, encoding: 'utf8' }).filter(
    (path) => basename(path) === name,
  );
  assert.equal(kept.length, 1);
  const path = join(world.folder, kept[0] as string);
  const bytes = readFileSync(path);
  // The time in the head of gzip, which no checksum counts.
  bytes[4] = (bytes[4] as number) ^ 1;
  rmSync(path);
  writeFileSync(path, bytes);
  const status = await scanned(world, digest);
  assert.ok(status.kind === 'known', JSON.stringify(status));
  assert.deepEqual(
    [status.evidence.isIncomplete, status.evidence.problems.map(({ code }) => code)],
    [true, ['DIGEST_MISMATCH']],
  );
});
