import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayWidth } from '../../report/text/display-width.ts';
import type { PlacedAttachment } from '../../signing/cosign/find-all.ts';
import { treeText } from './tree-text.ts';

const digest = (letter: string): `sha256:${string}` => `sha256:${letter.repeat(64)}`;
const image = digest('a');

function attachment(letter: string, subject: string, more: object = {}): PlacedAttachment {
  const layers = [{ mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json', digest: digest('0'), size: 1100 }];
  return {
    subject,
    kind: 'signature',
    form: 'bundle',
    predicateType: 'https://sigstore.dev/cosign/sign/v1',
    descriptor: { mediaType: 'application/json', digest: digest(letter), size: 1 },
    manifest: { kind: 'manifest', layers, annotations: {} },
    bytes: Buffer.alloc(0),
    ...more,
  } as unknown as PlacedAttachment;
}

const tagged = {
  kind: 'attestation',
  form: 'tag',
  tag: `test-${image.replace(':', '-')}.att`,
  predicateType: undefined,
  manifest: {
    kind: 'manifest',
    annotations: {},
    layers: ['https://spdx.dev/Document', 'https://slsa.dev/provenance/v1', 'https://spdx.dev/Document'].map(
      (type) => ({
        mediaType: 'application/vnd.dsse.envelope.v1+json',
        size: 512,
        annotations: { predicateType: type },
      }),
    ),
  },
};

test('treeText() shows what hangs on what', () => {
  const sbom = { kind: 'sbom', form: 'referrer', predicateType: undefined, artifactType: 'application/spdx+json' };
  const attachments = [attachment('b', image, sbom), attachment('c', digest('b')), attachment('d', image, tagged)];
  assert.deepEqual(treeText('team/app:v1', image, attachments, 80).split('\n'), [
    'team/app:v1',
    image,
    '├─ sbom (referrer, 1.1 KiB) application/spdx+json',
    `│  ${digest('b')}`,
    '│  └─ signature (bundle, 1.1 KiB) https://sigstore.dev/cosign/sign/v1',
    `│     ${digest('c')}`,
    '└─ attestation (tag test-….att, 3 layers, 1.5 KiB) https://spdx.dev/Document, ht',
    '   tps://slsa.dev/provenance/v1',
    `   ${digest('d')}`,
    '',
  ]);
});

test('treeText() says when nothing is attached', () => {
  assert.equal(treeText('team/app:v1', image, [], 80), `team/app:v1\n${image}\n└─ nothing is attached\n`);
});

test('treeText() keeps within 80 cells, loses nothing and obeys nothing', () => {
  const hostile = `\u001B[2J\n漢字${'x'.repeat(300)}\u202E.end`;
  const chain = ['b', 'c', 'd'].map((letter, at) =>
    attachment(letter, at === 0 ? image : digest('abcd'[at] as string), { predicateType: hostile }),
  );
  const text = treeText(`registry.example.com/${'team/'.repeat(30)}app`, image, chain, 80);
  const lines = text.split('\n');
  assert.ok(Math.max(...lines.map(displayWidth)) <= 80, text);
  assert.doesNotMatch(text, /[\u001B\u202E]/);
  assert.equal(text.match(/x/g)?.length, 901);
  assert.equal(text.replaceAll(/[\s│]/g, '').split('.end').length, 4);
});

test('treeText() ends where a chain would come back', () => {
  const text = treeText('app', image, [attachment('b', image), attachment('b', digest('b'))], 80);
  assert.equal(text.split(digest('b')).length, 3);
});
