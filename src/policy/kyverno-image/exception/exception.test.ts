import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeTestObject, podOf } from '../../../../testing/policy/judge-object.ts';
import {
  compileImages,
  imageMistakesOf,
  imagePolicy,
  judgeImages,
  expression,
  testImage as image,
  signedImage as signed,
} from '../../../../testing/policy/kyverno-image.ts';

const exception = (spec: string, namespace = 'exceptions'): string =>
  `---\napiVersion: policies.kyverno.io/v1\nkind: PolicyException\nmetadata: {name: mine, namespace: ${namespace}}\nspec: {policyRefs: [{name: signed, kind: ImageValidatingPolicy}], ${spec}}\n`;

const settings = { exceptionNamespace: 'exceptions' };
const mixed = podOf([image, 'ghcr.io/org/legacy:1']);
const images = { [image]: signed };

const exceptions: readonly (readonly [what: string, spec: string, allowed: boolean, now?: number])[] = [
  ['of the whole object', 'reportResult: skip', true],
  ['of one image', 'images: ["ghcr.io/org/legacy:*"]', true],
  ['of another image (policies#1530)', 'images: ["ghcr.io/org/other:*"]', false],
  ['under a condition that is true', `matchConditions: [{name: a, expression: "object.metadata.name == 'web'"}]`, true],
  ['under a condition that is false', `matchConditions: [{name: a, expression: "object.metadata.name == 'x'"}]`, false],
  ['under a condition without an answer', 'matchConditions: [{name: a, expression: "object.nothing"}]', false],
  ['that has not ended', 'expiresAt: "2026-01-01T00:00:00Z"', true, 0],
  ['that has ended', 'expiresAt: "2026-01-01T00:00:00Z"', false, Date.parse('2026-01-01T00:00:00Z')],
  ['that only gives values', 'allowedValues: [a]', false],
];

for (const [what, spec, allowed, now = 0] of exceptions) {
  test(`an exception ${what} ${allowed ? 'lets pass' : 'lets nothing pass'}`, async () => {
    const answer = await judgeImages({}, { subject: mixed, images, more: exception(spec), settings, now });
    assert.equal(answer.allowed, allowed, answer.message);
  });
}

test('an exception of one image keeps another one from nothing', async () => {
  const subject = podOf(['ghcr.io/org/evil:1', 'ghcr.io/org/legacy:1']);
  const answer = await judgeImages(
    {},
    { subject, images: {}, more: exception('images: ["ghcr.io/org/legacy:*"]'), settings },
  );
  assert.match(answer.message, /evil/);
  assert.ok(!answer.allowed && !answer.message.includes('legacy'));
});

test('expressions see what exceptions allow', async () => {
  const parts = { ...expression("exceptions.allowedValues == ['a']"), validationConfigurations: '{required: false}' };
  assert.ok((await judgeImages(parts, { more: exception('allowedValues: [a]'), settings })).allowed);
});

test('exceptions count in one namespace alone, and nowhere unless that is said', async () => {
  for (const [namespace, given] of [
    ['exceptions', {}],
    ['other', settings],
  ] as const) {
    const compiled = await compileImages(`${imagePolicy()}${exception('reportResult: skip', namespace)}`, given);
    assert.match(imageMistakesOf(compiled).join(), /does not count/);
    assert.ok(!judgeTestObject(compiled.policies, podOf([image])).verdict.allowed);
  }
});
