import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import type { Digest } from '../../oci/digest.ts';
import { buildSimpleSigning, parseSimpleSigning } from './simple-signing.ts';

const digest = `sha256:${'ab'.repeat(32)}` as Digest;
const plain = buildSimpleSigning('registry.example/app', digest, new Map());

test('buildSimpleSigning() writes what cosign writes, and parseSimpleSigning() reads it', () => {
  assert.equal(
    plain.toString(),
    `{"critical":{"identity":{"docker-reference":"registry.example/app"},"image":{"docker-manifest-digest":"${digest}"},"type":"cosign container image signature"},"optional":null}`,
  );
  const annotations = new Map([
    ['env', 'prod'],
    ['a', 'b'],
  ]);
  const read = parseSimpleSigning(buildSimpleSigning('registry.example/app', digest, annotations));
  assert.deepEqual([read.reference, read.digest], ['registry.example/app', digest]);
  assert.deepEqual([...read.annotations], [...annotations]);
});

test('parseSimpleSigning() takes texts alone for annotations', () => {
  const text = plain.toString().replace('null', '{"env":"prod","number":1,"object":{"env":"test"}}');
  assert.deepEqual([...parseSimpleSigning(Buffer.from(text)).annotations], [['env', 'prod']]);
});

const image = `"image":{"docker-manifest-digest":"${digest}"}`;
for (const [title, change] of [
  [
    'another spelling of the digest',
    (text: string) => text.replaceAll('docker-manifest-digest', 'Docker-Manifest-Digest'),
  ],
  [
    'both spellings of the digest',
    (text: string) => text.replace(image, `${image.slice(0, -1)},"Docker-Manifest-Digest":"x"}`),
  ],
  ['both spellings of the image', (text: string) => text.replace(image, `${image},${image.replace('image', 'Image')}`)],
  ['two digests', (text: string) => text.replace(image, `${image.slice(0, -1)},"docker-manifest-digest":"x"}`)],
  ['two images', (text: string) => text.replace(image, `${image},${image}`)],
  ['another type', (text: string) => text.replace('cosign container image signature', 'atomic container signature')],
  ['no type', (text: string) => text.replace(',"type":"cosign container image signature"', '')],
  ['an empty digest', (text: string) => text.replace(digest, '')],
  ['a digest that is a list', (text: string) => text.replace(`"${digest}"`, `["${digest}"]`)],
  ['annotations that are a text', (text: string) => text.replace('null', '"env=prod"')],
  ['a tail', (text: string) => `${text}{}`],
  ['no object', () => '[]'],
  ['a critical part of prototypes', () => '{"__proto__":{"critical":{}}}'],
  ['endless nesting', () => '['.repeat(100_000)],
] as const) {
  test(`parseSimpleSigning() refuses ${title}`, () => {
    const bytes = Buffer.from(change(plain.toString()));
    assert.notDeepEqual(bytes, plain);
    assert.throws(() => parseSimpleSigning(bytes), { code: 'SIGNATURE_MALFORMED' });
  });
}

test('parseSimpleSigning() survives hostile bytes', () => {
  assertSurvives([plain], (bytes) => parseSimpleSigning(bytes));
});
