import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from './digest.ts';
import { addReferrer, fallbackTag, parseReferrers, referrerDescriptor, removeReferrers } from './referrer.ts';
import { digestOf } from './verify-content.ts';

const indexType = 'application/vnd.oci.image.index.v1+json';
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const digest = `sha256:${'ab'.repeat(32)}` as Digest;
const blob = { mediaType: 'a/config', digest, size: 1 };

function encode(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

test('fallbackTag() cuts digests to what a tag may be', () => {
  assert.equal(fallbackTag(digest), `sha256-${'ab'.repeat(32)}`);
  assert.equal(fallbackTag(`sha512:${'ab'.repeat(64)}` as Digest), `sha512-${'ab'.repeat(32)}`);
});

test('referrerDescriptor() tells what a manifest tells of itself', () => {
  for (const [mediaType, document, described] of [
    [
      manifestType,
      { config: blob, artifactType: 'a/b', annotations: { x: 'y' } },
      { artifactType: 'a/b', annotations: { x: 'y' } },
    ],
    // Without a type of its own, an artifact is what its config is.
    [manifestType, { config: blob }, { artifactType: 'a/config' }],
    [indexType, { manifests: [], artifactType: 'a/b' }, { artifactType: 'a/b' }],
    [indexType, { manifests: [] }, {}],
  ] as const) {
    const bytes = encode({ schemaVersion: 2, mediaType, ...document });
    const { annotations, ...rest } = referrerDescriptor(mediaType, bytes);
    const found = { ...rest, ...(annotations === undefined ? {} : { annotations: { ...annotations } }) };
    assert.deepEqual(found, { mediaType, digest: digestOf(bytes), size: bytes.length, ...described });
  }
});

test('addReferrer() and removeReferrers() change one entry and nothing else', () => {
  const foreign = { mediaType: manifestType, size: 1, digest, data: 'e30=', custom: { a: 1 } };
  const current = encode({
    schemaVersion: 2,
    mediaType: indexType,
    manifests: [foreign],
    annotations: { a: 'b' },
    custom: 1,
  });
  const own = { mediaType: manifestType, size: 2, digest: digestOf(Buffer.from('own')), artifactType: 'a/b' };
  const added = addReferrer(current, own);
  assert.deepEqual(JSON.parse(added.toString()), {
    schemaVersion: 2,
    mediaType: indexType,
    manifests: [foreign, own],
    annotations: { a: 'b' },
    custom: 1,
  });
  const wrong = addReferrer(current, { ...own, artifactType: 'application/vnd.oci.empty.v1+json' });
  assert.deepEqual(addReferrer(wrong, own), added);
  assert.deepEqual(removeReferrers(added, new Set([own.digest])), current);
  assert.deepEqual(addReferrer(addReferrer(undefined, own), own), addReferrer(undefined, own));
});

test('addReferrer() writes no index that could not be read again', () => {
  const entry = (at: number): object => ({
    mediaType: manifestType,
    size: 1,
    digest: `sha256:${at.toString(16).padStart(64, '0')}`,
  });
  const full = encode({
    schemaVersion: 2,
    mediaType: indexType,
    manifests: Array.from({ length: 4096 }, (_, at) => entry(at)),
  });
  const own = { mediaType: manifestType, size: 2, digest: digestOf(Buffer.from('own')) };
  assert.throws(() => addReferrer(full, own), { code: 'MANIFEST_INVALID' });
  const broken = encode({ schemaVersion: 2, mediaType: indexType, manifests: [{ digest: 'x' }] });
  assert.throws(() => addReferrer(broken, own), { code: 'MANIFEST_INVALID' });
});

test('parseReferrers() takes an empty list, and no list for none', () => {
  assert.deepEqual(parseReferrers(encode({ schemaVersion: 2, manifests: [] }), indexType), []);
  // As Go programs write an empty list.
  assert.deepEqual(parseReferrers(encode({ schemaVersion: 2, manifests: null }), indexType), []);
  for (const document of [{}, { schemaVersion: 2 }, { manifests: {} }, { config: blob, layers: [] }, { errors: [] }]) {
    assert.throws(() => parseReferrers(encode(document), indexType), { name: 'OciError' }, JSON.stringify(document));
  }
});
