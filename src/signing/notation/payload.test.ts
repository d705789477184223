import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { payloadOf } from '../../../testing/signing/notation/maker.ts';
import { VerificationError } from '../verify/verification-error.ts';
import { parsePayload } from './payload.ts';

const good = payloadOf(Buffer.from('{}'), { build: '7' }) as { targetArtifact: Record<string, unknown> };
const { targetArtifact } = good;
const parse = (document: unknown): ReturnType<typeof parsePayload> =>
  parsePayload(Buffer.from(JSON.stringify(document)));
const changed = (changes: object): unknown => ({ targetArtifact: { ...targetArtifact, ...changes } });

test('a payload names an artifact', () => {
  const { mediaType, digest, size, annotations } = parse(good);
  assert.deepEqual({ mediaType, digest, size, annotations: Object.fromEntries(annotations) }, targetArtifact);
  assert.equal(parse(changed({ annotations: null })).annotations.size, 0);
  assert.equal(parse(changed({ annotations: undefined })).annotations.size, 0);
  parse(changed({ artifactType: 'application/x' }));
});

const refused: Readonly<Record<string, unknown>> = {
  'a list': [],
  'no artifact': {},
  'an artifact in other capitals': { ...good, targetartifact: targetArtifact },
  'a list of artifacts': { targetArtifact: [targetArtifact] },
  'no digest': changed({ digest: undefined }),
  'a short digest': changed({ digest: 'sha256:00' }),
  'a digest in capitals': changed({ digest: String(targetArtifact['digest']).toUpperCase() }),
  'a digest in other capitals': changed({ Digest: targetArtifact['digest'] }),
  'no size': changed({ size: undefined }),
  'a size that is a text': changed({ size: '2' }),
  'a negative size': changed({ size: -1 }),
  'half a byte': changed({ size: 0.5 }),
  'an absurd size': changed({ size: 1e300 }),
  'no media type': changed({ mediaType: undefined }),
  'an empty media type': changed({ mediaType: '' }),
  'annotations that are a list': changed({ annotations: ['a'] }),
  'an annotation that is a number': changed({ annotations: { a: 1 } }),
};

for (const [name, document] of Object.entries(refused)) {
  test(`a payload is refused for ${name}`, () => {
    assert.throws(
      () => parse(document),
      (error) => error instanceof VerificationError && error.code === 'SIGNATURE_MALFORMED',
    );
  });
}

test('payloads survive hostile bytes', () => {
  assertSurvives([JSON.stringify(good)], parsePayload);
});
