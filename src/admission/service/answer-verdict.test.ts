import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDigest } from '../../oci/digest.ts';
import type { JsonObject } from '../../lang/jmespath/value.ts';
import type { ImageResult } from '../../policy/resource/policy.ts';
import type { ResourceVerdict, RuleResult } from '../../policy/resource/verdict.ts';
import { answerVerdict } from './answer-verdict.ts';

const digest = parseDigest(`sha256:${'a'.repeat(64)}`);
const pinned = `ghcr.io/org/app:1@${digest}`;
const image: ImageResult = {
  image: { group: 'containers', name: 'a', image: 'ghcr.io/org/app:1', pointer: '/spec/containers/0/image' },
  name: 'ghcr.io/org/app:1',
  outcome: 'passed',
  message: '',
  digest,
  pinned,
};

function verdictOf(...rules: readonly Partial<RuleResult>[]): ResourceVerdict {
  return {
    allowed: true,
    results: rules.map((rule, at) => ({
      policy: 'p',
      rule: `r${at}`,
      outcome: 'passed',
      action: 'deny',
      message: '',
      images: [image],
      denies: false,
      ...rule,
    })),
    message: '',
    warnings: ['told'],
    pins: [{ pointer: image.image.pointer, from: image.image.image, to: pinned }],
  };
}

const good: JsonObject = { metadata: {}, spec: { containers: [{ image: 'ghcr.io/org/app:1' }] } };
/** Nothing can be put in where the verdict wants it. */
const odd: JsonObject = { metadata: {}, spec: {} };

test('an object gets the digests that were verified, from a mutating webhook', () => {
  const { patch } = answerVerdict({ object: good }, verdictOf({}), [], 'mutate');
  assert.deepEqual(patch?.at(-1), { op: 'replace', path: '/spec/containers/0/image', value: pinned });
  assert.equal(answerVerdict({ object: good }, verdictOf({}), [], 'validate').patch, undefined);
});

test('an object that cannot get a digest that a rule demands is denied, and the failure policy has no say', () => {
  const { allowed, reason, auditAnnotations } = answerVerdict(
    { object: odd },
    verdictOf({ action: 'audit' }, {}, { images: [] }),
    [],
    'mutate',
  );
  assert.equal(allowed, false);
  assert.match(reason ?? '', /which p\.r1 asks for \(PATCH_IMPOSSIBLE\): The object cannot be patched: /);
  assert.equal(auditAnnotations['not-pinned'], 'p.r1');
});

test('where only rules ask for it that deny nothing, it passes with a warning', () => {
  const { allowed, patch, warnings } = answerVerdict(
    { object: odd },
    verdictOf({ action: 'audit' }, { action: 'warn' }),
    [],
    'mutate',
  );
  assert.deepEqual([allowed, patch], [true, undefined]);
  assert.equal(warnings[0], 'told');
  assert.match(
    warnings[1] ?? '',
    /^images cannot be called by the digests that were verified, which p\.r0, p\.r1 asks for/,
  );
});

test('an object that is to get no digest and cannot be annotated is for the failure policy', () => {
  const policies = [{ id: 'p', dialect: 'kyverno' }] as never;
  const verdict = { ...verdictOf({}), pins: [] };
  const object = { metadata: { annotations: ['none'] } } as unknown as JsonObject;
  assert.throws(() => answerVerdict({ object }, verdict, policies, 'mutate'), { code: 'PATCH_IMPOSSIBLE' });
});
