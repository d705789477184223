import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podOf, type TestImage } from '../../../../testing/policy/judge-object.ts';
import { judgeImages, expression, testImage as image } from '../../../../testing/policy/kyverno-image.ts';

const bom = 'https://cyclonedx.org/bom';

const attestors = `[${['release', 'ci'].map((name) => `{name: ${name}, cosign: {keyless: {identities: [{issuer: https://issuer, subject: me}]}}}`).join(', ')}]`;

const counts: readonly (readonly [text: string, signedBy: readonly string[], allowed: boolean])[] = [
  ['images.containers.map(image, verifyImageSignatures(image, [attestors.release])).all(e, e > 0)', ['release'], true],
  ['images.containers.map(image, verifyImageSignatures(image, [attestors.release])).all(e, e > 0)', ['ci'], false],
  [
    'images.containers.all(i, verifyImageSignatures(i, [attestors.release, attestors.ci]) == 2)',
    ['release', 'ci'],
    true,
  ],
  ['images.containers.all(i, verifyImageSignatures(i, [attestors.release, attestors.ci]) == 2)', ['ci'], false],
  ['images.containers.all(i, verifyImageSignatures(i, [attestors.release, attestors.ci]) > 0)', ['ci'], true],
  [
    'images.containers.all(i, verifyImageSignatures(i, [attestors.release, attestors.release]) == 2)',
    ['release'],
    false,
  ],
  ['images.containers.all(i, verifyImageSignatures(i, [attestors["ci"]]) > 0)', ['ci'], true],
  [
    'images.containers.all(i, verifyImageSignatures(i, object.metadata.name == "web" ? [attestors.ci] : [attestors.release]) > 0)',
    ['ci'],
    true,
  ],
  [
    'images.containers.all(i, verifyImageSignatures(i, [attestors.release]) > 0 || verifyImageSignatures(i, [attestors.ci]) > 0)',
    ['ci'],
    true,
  ],
  // No list of attestors is nobody.
  ['images.containers.all(i, verifyImageSignatures(i, []) > 0)', ['release', 'ci'], false],
];

for (const [text, signedBy, allowed] of counts) {
  test(`${text.slice(0, 130)} is ${allowed} for what ${signedBy.join(' and ')} signed`, async () => {
    const answer = await judgeImages({ ...expression(text), attestors }, { images: { [image]: { signedBy } } });
    assert.equal(answer.allowed, allowed, answer.message);
    assert.equal(answer.checks.length, 1);
  });
}

test('a policy asks about all images of an object at once, and gathers only what it asks for', async () => {
  const names = Array.from({ length: 30 }, (_, at) => `ghcr.io/org/app${at}:1`);
  const text = 'images.containers.map(image, verifyImageSignatures(image, [attestors.ci])).all(e, e > 0)';
  const images = Object.fromEntries(names.map((name) => [name, { signedBy: ['ci'] }]));
  const { allowed, rounds, checks } = await judgeImages(
    { ...expression(text), attestors },
    { subject: podOf(names), images },
  );
  assert.deepEqual([allowed, rounds, checks.length], [true, 2, 30]);
  const rules = checks[0]?.policy.policy.rules.map(({ name, kind }) => [name, kind]);
  assert.deepEqual(rules, [
    ['signatures 0', 'signatures'],
    ['signature ci', 'signatures'],
    ['digest', 'digest'],
  ]);
});

const stated = {
  attestations: `[{name: sbom, intoto: {type: ${bom}}}]`,
  validations: `[{expression: "images.containers.all(i, verifyAttestationSignatures(i, attestations.sbom, [attestors.release]) > 0)"}, {expression: "images.containers.all(i, extractPayload(i, attestations.sbom).bomFormat == 'CycloneDX')", message: no CycloneDX}]`,
};
const good = { predicate: { bomFormat: 'CycloneDX', version: 1 } };
const bad = { predicate: { bomFormat: 'SPDX' } };

const payloads: readonly (readonly [what: string, image: TestImage, allowed: boolean])[] = [
  ['a statement that is as it must be', { statements: { [bom]: { release: [good] } } }, true],
  ['one that is not', { statements: { [bom]: { release: [bad] } } }, false],
  ['none', {}, false],
  ['one of somebody else', { statements: { [bom]: { ci: [good] } } }, false],
  // CVE-2022-35930: a statement of another type is none.
  ['one of another type', { statements: { 'https://other': { release: [good] } } }, false],
  ['two without times, of which one is not', { statements: { [bom]: { release: [good, bad] } } }, false],
  [
    'an older one that is not',
    {
      statements: {
        [bom]: {
          release: [
            { ...bad, signedAt: 1 },
            { ...good, signedAt: 2 },
          ],
        },
      },
    },
    true,
  ],
  [
    'a newer one that is not',
    {
      statements: {
        [bom]: {
          release: [
            { ...good, signedAt: 1 },
            { ...bad, signedAt: 2 },
          ],
        },
      },
    },
    false,
  ],
];

for (const [what, found, allowed] of payloads) {
  test(`an image with ${what} is ${allowed ? 'let pass' : 'denied'}`, async () => {
    const answer = await judgeImages(stated, { images: { [image]: found } });
    assert.equal(answer.allowed, allowed, answer.message);
    assert.equal(answer.checks[0]?.wantsEvidence, true);
  });
}

test('a statement is seen as its predicate and as a statement', async () => {
  const images = { [image]: { statements: { [bom]: { release: [good] } } } };
  for (const [member, allowed] of [
    ['version', true],
    ['predicate.version', true],
    ['predicate.missing', false],
  ] as const) {
    const text = `images.containers.all(i, verifyAttestationSignatures(i, attestations.sbom, [attestors.release]) > 0 && extractPayload(i, attestations.sbom).${member} == 1)`;
    assert.equal((await judgeImages({ ...stated, ...expression(text) }, { images })).allowed, allowed, member);
  }
});
