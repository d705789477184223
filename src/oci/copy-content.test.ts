import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildImage, buildIndex, encode, sha256 } from '../../testing/image/image-builder.ts';
import type { BuiltContent, BuiltImage } from '../../testing/image/image-builder.ts';
import { file } from '../../testing/image/tar-writer.ts';
import type { Progress } from '../base/progress.ts';
import type { ContentSink } from './content-sink.ts';
import type { ContentSource } from './content-source.ts';
import { copyContent } from './copy-content.ts';
import type { Descriptor } from './descriptor.ts';
import { OciError } from './error.ts';
import { verifyContent } from './verify-content.ts';

function image(name: string, more: object = {}): BuiltImage {
  return buildImage({ layers: [{ tar: [file('base', 'base')] }, { tar: [file(name, name)] }], ...more });
}

function sourceOf(blobs: ReadonlyMap<string, Buffer>): ContentSource {
  const find = (descriptor: Descriptor): Buffer => {
    const bytes = blobs.get(descriptor.digest);
    if (bytes === undefined) throw new OciError('BLOB_UNKNOWN', `no ${descriptor.digest}`);
    return bytes;
  };
  return {
    readContent: async (descriptor) => {
      const bytes = find(descriptor);
      verifyContent(bytes, descriptor);
      return await Promise.resolve(bytes);
    },
    async *openLayer(descriptor) {
      const bytes = await Promise.resolve(find(descriptor));
      for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100);
    },
  };
}

/** Remembers what was written, in order, and complains where something is not there yet. */
function makeSink(): ContentSink & { readonly written: string[]; readonly blobs: Map<string, Buffer> } {
  const blobs = new Map<string, Buffer>();
  const written: string[] = [];
  return {
    written,
    blobs,
    async writeBlob(blob) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of blob.open()) chunks.push(chunk);
      blobs.set(blob.digest, Buffer.concat(chunks));
      written.push(blob.digest);
    },
    async writeManifest(descriptor, bytes) {
      const {
        manifests = [],
        layers = [],
        config,
      } = JSON.parse(Buffer.from(bytes).toString()) as Record<string, never[]> & { config?: never };
      for (const { digest } of [...manifests, ...layers, ...(config ? [config] : [])] as { digest: string }[]) {
        assert.ok(blobs.has(digest), `${digest} is not there yet`);
      }
      blobs.set(descriptor.digest, Buffer.from(bytes));
      written.push(descriptor.digest);
      await Promise.resolve();
    },
  };
}

test('copyContent() copies all below a root, each once, and the root last', async () => {
  const [one, two] = [image('one'), image('two')];
  const inner = buildIndex([{ content: one }, { content: two }]);
  const outer = buildIndex([{ content: one }, { content: inner }, { content: one }]);
  for (const content of [one, inner, outer] as BuiltContent[]) {
    const sink = makeSink();
    const copied = await copyContent(sourceOf(content.blobs), sink, content.descriptor);
    assert.deepEqual(sink.blobs, content.blobs);
    assert.equal(new Set(sink.written).size, sink.written.length);
    assert.equal(sink.written.at(-1), content.descriptor.digest);
    assert.equal(copied.manifests[0]?.descriptor.digest, content.descriptor.digest);
  }
});

test('copyContent() copies blobs that an index lists', async () => {
  // As BuildKit's caches do.
  const blobs = new Map(['layer', 'config'].map((text) => [sha256(Buffer.from(text)), Buffer.from(text)]));
  const types = ['application/vnd.oci.image.layer.v1.tar+gzip', 'application/vnd.buildkit.cacheconfig.v0'];
  const manifests = [...blobs].map(([digest, { length }], at) => ({ mediaType: types[at], digest, size: length }));
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const index = encode({ schemaVersion: 2, mediaType, manifests });
  const root = { mediaType, digest: sha256(index), size: index.length };
  const source = sourceOf(new Map([...blobs, [root.digest, index]]));
  const sink = makeSink();
  assert.equal((await copyContent(source, sink, root)).manifests.length, 1);
  assert.deepEqual(sink.written, [...blobs.keys(), root.digest]);
  const partial = { ...source, hasBlob: ({ digest }: Descriptor) => digest === manifests[1]?.digest };
  const less = { ...makeSink(), writeManifest: async () => await Promise.resolve() };
  await copyContent(partial, less, root);
  assert.deepEqual(less.written, [manifests[1]?.digest]);
});

test('copyContent() sends nothing of what is there already', async () => {
  const [one, two] = [image('one'), image('two')];
  const index = buildIndex([{ content: one }, { content: two }]);
  const sink = makeSink();
  const hasManifest = async ({ digest }: Descriptor): Promise<boolean> =>
    await Promise.resolve(digest === one.descriptor.digest);
  for (const [digest, bytes] of one.blobs) sink.blobs.set(digest, bytes);
  await copyContent(sourceOf(index.blobs), { ...sink, hasManifest }, index.descriptor);
  assert.ok(!sink.written.some((digest) => digest === one.descriptor.digest || digest === one.layers[1]?.digest));
  assert.ok(sink.written.includes(two.descriptor.digest));
});

test('copyContent() copies foreign layers that are there, and leaves out those that are not', async (t) => {
  const foreign = 'application/vnd.oci.image.layer.nondistributable.v1.tar';
  const urls = ['https://example.com/a'];
  const windows = buildImage({ layers: [{ tar: [file('a', 'a')], mediaType: foreign, urls }] });
  const [layer] = windows.layers as [Descriptor];
  const lacking = new Map([...windows.blobs].filter(([digest]) => digest !== layer.digest));
  const telling = (blobs: ReadonlyMap<string, Buffer>): ContentSource => ({
    ...sourceOf(blobs),
    hasBlob: ({ digest }) => blobs.has(digest),
  });
  for (const [title, source, has] of [
    ['there', telling(windows.blobs), true],
    ['not there', telling(lacking), false],
    ['there, at a source that does not tell', sourceOf(windows.blobs), true],
    ['not there, at a source that does not tell', sourceOf(lacking), false],
  ] as const) {
    await t.test(title, async () => {
      const sink = { ...makeSink(), writeManifest: async () => await Promise.resolve() };
      const { leftOut } = await copyContent(source, sink, windows.descriptor);
      assert.deepEqual(
        new Set(sink.written),
        new Set(has ? [windows.config.digest, layer.digest] : [windows.config.digest]),
      );
      assert.deepEqual(leftOut, has ? [] : [layer]);
    });
  }
  await t.test('not there and nowhere else', async () => {
    const nowhere = buildImage({ layers: [{ tar: [file('a', 'a')], mediaType: foreign }] });
    const blobs = new Map([...nowhere.blobs].filter(([digest]) => digest !== nowhere.layers[0]?.digest));
    await assert.rejects(copyContent(sourceOf(blobs), makeSink(), nowhere.descriptor), { code: 'BLOB_UNKNOWN' });
  });
});

test('copyContent() leaves out images that an export leaves out', async () => {
  const index = buildIndex([{ content: image('one') }, { content: image('two') }]);
  const partial = {
    ...sourceOf(index.blobs),
    hasBlob: ({ digest }: Descriptor) => digest !== image('two').descriptor.digest,
  };
  const sink = { ...makeSink(), writeManifest: async () => await Promise.resolve() };
  const copied = await copyContent(partial, sink, index.descriptor);
  assert.equal(copied.manifests.length, 2);
});

test('copyContent() lets no damaged byte and no endless tree through', async (t) => {
  const one = image('one');
  const layer = one.layers[1] as Descriptor;
  const bytes = one.blobs.get(layer.digest) as Buffer;
  const swap = (other: Buffer): ContentSource => sourceOf(new Map([...one.blobs, [layer.digest, other]]));
  let nested: BuiltContent = buildIndex([{ content: one }]);
  for (let depth = 0; depth < 5; depth += 1) nested = buildIndex([{ content: nested }]);
  for (const [title, source, root, code] of [
    ['another byte', swap(Buffer.alloc(bytes.length)), one, 'DIGEST_MISMATCH'],
    ['a byte more', swap(Buffer.concat([bytes, Buffer.from('x')])), one, 'SIZE_MISMATCH'],
    ['a byte less', swap(bytes.subarray(1)), one, 'SIZE_MISMATCH'],
    ['indexes within indexes', sourceOf(nested.blobs), nested, 'LIMIT_EXCEEDED'],
  ] as const) {
    await t.test(title, async () => {
      const sink = makeSink();
      await assert.rejects(copyContent(source, sink, root.descriptor), { name: 'OciError', code });
      assert.ok(!sink.blobs.has(root.descriptor.digest));
    });
  }
});

test('copyContent() reads no more manifests than it can hold', async () => {
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const blobs = new Map<string, Buffer>();
  const put = (document: object, type: string): Descriptor => {
    const bytes = encode({ schemaVersion: 2, mediaType: type, ...document });
    const digest = sha256(bytes);
    blobs.set(digest, bytes);
    return { mediaType: type, digest, size: bytes.length };
  };
  const config = { mediaType: 'a/b', digest: sha256(Buffer.from('')), size: 0 };
  const padding = 'x'.repeat(3_500_000);
  const manifests = Array.from({ length: 20 }, (_, at) =>
    put({ config, layers: [], annotations: { at: `${at}`, padding } }, mediaType),
  );
  const root = put({ manifests }, 'application/vnd.oci.image.index.v1+json');
  const refusal = { name: 'OciError', code: 'LIMIT_EXCEEDED' };
  await assert.rejects(copyContent(sourceOf(blobs), makeSink(), root), refusal);
});

test('copyContent() tells of each byte once, of what is sent again and of what was there already', async () => {
  const one = image('one');
  const told: string[] = [];
  const progress: Progress = {
    start: (label, { total, unit } = {}) => {
      let done = 0;
      told.push(`${label} ${unit}`);
      return { advance: (amount) => (done += amount), finish: () => void told.push(`${done}/${total}`) };
    },
  };
  const sink = makeSink();
  let writes = 0;
  const writeBlob: ContentSink['writeBlob'] = async (blob) => {
    writes += 1;
    // The first is there already, the second is sent again after half of it.
    if (writes === 2) for await (const _ of blob.open()) break;
    if (writes === 1) sink.blobs.set(blob.digest, Buffer.alloc(0));
    else await sink.writeBlob(blob);
  };
  await copyContent(sourceOf(one.blobs), { ...sink, writeBlob }, one.descriptor, undefined, progress);
  const { config, layers } = JSON.parse(String(one.blobs.get(one.descriptor.digest))) as {
    config: Descriptor;
    layers: Descriptor[];
  };
  const total = [config, ...layers].reduce((sum, { size }) => sum + size, 0);
  assert.deepEqual(told, ['Copying 3 blobs bytes', `${total}/${total}`]);
  const there = { ...sink, hasManifest: async () => await Promise.resolve(true) };
  await copyContent(sourceOf(one.blobs), there, one.descriptor, undefined, progress);
  assert.equal(told.length, 2);
});
