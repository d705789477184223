import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '../../oci/digest.ts';
import { creationTime } from './created.ts';
import { attachmentRepository, attachmentTag, attachmentTagIfAny } from './tags.ts';

const digest = `sha256:${'ab'.repeat(32)}` as Digest;

test('a digest that is too long for a tag has none, which is told where one is wanted', () => {
  const long = `sha512:${'ab'.repeat(64)}` as Digest;
  assert.equal(attachmentTagIfAny(long, 'signature', 'dev-'), undefined);
  assert.throws(() => attachmentTag(long, 'signature'), { code: 'REFERENCE_INVALID', message: /sha512.*use bundles/ });
  assert.equal(attachmentTagIfAny(digest, 'sbom', 'dev-'), `dev-sha256-${'ab'.repeat(32)}.sbom`);
  assert.throws(() => attachmentTagIfAny(digest, 'sbom', 'a/'), { code: 'REFERENCE_INVALID', message: /prefix/ });
});

test('attachmentTag() names tags as cosign does', () => {
  assert.equal(attachmentTag(digest, 'signature'), `sha256-${'ab'.repeat(32)}.sig`);
  assert.equal(attachmentTag(digest, 'attestation', 'dev-'), `dev-sha256-${'ab'.repeat(32)}.att`);
  assert.equal(attachmentTag(digest, 'sbom'), `sha256-${'ab'.repeat(32)}.sbom`);
  for (const prefix of ['/', '../x', '-', 'ü', 'x'.repeat(60), ':']) {
    assert.throws(() => attachmentTag(digest, 'signature', prefix), { code: 'REFERENCE_INVALID' }, prefix);
  }
});

test('attachmentRepository() keeps signatures beside the image, or all where COSIGN_REPOSITORY says', () => {
  const image = { registry: 'registry.example:5000', repository: 'team/app' };
  for (const [override, registry, repository] of [
    [undefined, 'registry.example:5000', 'team/app'],
    ['', 'registry.example:5000', 'team/app'],
    ['other.example/signatures', 'other.example', 'signatures'],
    ['other.example:5000/a/b', 'other.example:5000', 'a/b'],
    ['signatures', 'docker.io', 'library/signatures'],
  ] as const) {
    assert.deepEqual(attachmentRepository(image, override), { registry, repository });
  }
  for (const override of ['other.example/x:tag', `other.example/x@${digest}`, 'Other/X', 'a b', 'other.example/../x']) {
    assert.throws(() => attachmentRepository(image, override), { code: 'REFERENCE_INVALID' }, override);
  }
});

test('creationTime() obeys SOURCE_DATE_EPOCH', () => {
  const now = new Date('2026-01-02T03:04:05Z');
  assert.equal(
    creationTime({}, () => now),
    now,
  );
  assert.equal(
    creationTime({ SOURCE_DATE_EPOCH: '' }, () => now),
    now,
  );
  assert.equal(creationTime({ SOURCE_DATE_EPOCH: '86400' }, () => now).toISOString(), '1970-01-02T00:00:00.000Z');
  for (const epoch of ['-1', '1.5', 'now', '1e3', '999999999999']) {
    assert.throws(() => creationTime({ SOURCE_DATE_EPOCH: epoch }, () => now), { code: 'SIGNING_CONFIG_INVALID' });
  }
});
