import assert from 'node:assert/strict';
import test from 'node:test';
import type { JsonObject } from '../../../lang/jmespath/value.ts';
import {
  decisionOf,
  keySet,
  newPublicKey,
  podOf,
  testDigest,
  type VerificationCase,
  verifyImages,
} from '../../../../testing/policy/verify-images.ts';
import type { KyvernoVerification } from '../document/verification/model.ts';
import { kyvernoLimits } from '../limits.ts';

const [a, b] = [newPublicKey(), newPublicKey()];
const attestors = [keySet([a])];
const off = { mutateDigest: false, verifyDigest: false };
const signed = { signatures: [{ key: a }] };

function entryOf(pattern: string, more: Partial<KyvernoVerification> = {}): KyvernoVerification {
  return { imageReferences: [pattern], attestors, ...off, ...more };
}

/** `image outcome` of each. */
function told(given: VerificationCase): readonly string[] {
  return decisionOf(given).images.map(({ name, outcome }) => `${name} ${outcome}`);
}

test('§2.3.3 an object without an image that an entry is about is not judged', () => {
  const run = (object: VerificationCase['object'], more: Partial<VerificationCase> = {}): string =>
    verifyImages({ entries: [entryOf('ghcr.io/*')], object, ...more }).answer.kind;
  assert.equal(run(['docker.io/nginx:1']), 'notAbout');
  assert.equal(run([]), 'notAbout');
  assert.equal(run({ data: {} }, { subject: { kind: 'ConfigMap' } }), 'notAbout');
  assert.equal(run(['ghcr.io/x:1'], { subject: { operation: 'DELETE' } }), 'notAbout');
  assert.equal(run(['ghcr.io/x:1']), 'decided');
});

test('#16208 every image is judged, whatever comes of another, and none hides another', () => {
  const object = podOf(
    'docker.io/none:1',
    'ghcr.io/bad:1',
    'ghcr.io/good:1',
    'GHCR',
    'ghcr.io/lost:1',
    'ghcr.io/away:1',
  );
  const images: VerificationCase['images'] = {
    'ghcr.io/good:1': signed,
    'ghcr.io/lost:1': { state: 'absent' },
    'ghcr.io/away:1': { state: 'unavailable', reason: 'the registry did not answer in time' },
  };
  const { outcome, message, images: results } = decisionOf({ entries: [entryOf('ghcr.io/*')], object, images });
  assert.equal(outcome, 'failed');
  assert.deepEqual(
    results.map(({ name, outcome: each }) => `${name} ${each}`),
    [
      'ghcr.io/bad:1 failed',
      'ghcr.io/good:1 passed',
      'GHCR failed',
      'ghcr.io/lost:1 failed',
      'ghcr.io/away:1 undecided',
    ],
  );
  const sentences = message.split('; failed to verify');
  assert.equal(sentences.length, 4);
  for (const text of ['no signatures found', 'no name of an image', 'has no such image', 'did not answer in time']) {
    assert.ok(message.includes(text), text);
  }
});

test('all kinds of containers and volumes are looked at', () => {
  const spec = {
    initContainers: [{ name: 'i', image: 'ghcr.io/init:1', restartPolicy: 'Always' }],
    containers: [{ name: 'c', image: 'ghcr.io/main:1' }],
    ephemeralContainers: [{ name: 'e', image: 'ghcr.io/debug:1' }],
    volumes: [{ name: 'v', image: { reference: 'ghcr.io/model:1' } }],
  };
  assert.deepEqual(told({ entries: [entryOf('*')], object: { spec }, images: { 'ghcr.io/main:1': signed } }), [
    'ghcr.io/main:1 passed',
    'ghcr.io/init:1 failed',
    'ghcr.io/debug:1 failed',
    'ghcr.io/model:1 failed',
  ]);
});

test('every entry that is about an image is asked, and the worst counts', () => {
  const entries = [entryOf('*'), entryOf('ghcr.io/*', { attestors: [keySet([b])] })];
  const both = { signatures: [{ key: a }, { key: b }] };
  const run = (image: object): string =>
    decisionOf({ entries, object: ['ghcr.io/x:1'], images: { 'ghcr.io/x:1': image } }).outcome;
  assert.deepEqual([run(both), run(signed), run({ state: 'pending' })], ['passed', 'failed', 'undecided']);
});

test('one image in two places is asked for once, and told of at both', () => {
  const run = verifyImages({ entries: [entryOf('*')], object: ['ghcr.io/x:1', 'ghcr.io/x:1'] });
  assert.equal(run.checks.length, 1);
  assert.ok(run.answer.kind === 'decided');
  assert.equal(run.answer.images.length, 2);
  assert.equal(run.answer.message.split('no signatures found').length, 2);
});

test('the same question has one key, and another question another one', () => {
  const keyOf = (entry: KyvernoVerification, image = 'ghcr.io/x:1'): string =>
    verifyImages({ entries: [entry], object: [image] }).checks[0]?.key ?? '';
  const first = keyOf(entryOf('*'));
  assert.equal(keyOf(entryOf('ghcr.io/*')), first);
  assert.equal(keyOf(entryOf('*', { useCache: true })), first);
  const others = [
    keyOf(entryOf('*'), 'ghcr.io/x:2'),
    keyOf(entryOf('*', { attestors: [keySet([b])] })),
    keyOf(entryOf('*', { verifyDigest: true })),
    keyOf(entryOf('*', { useCache: false })),
    keyOf(entryOf('*', { repository: 'ghcr.io/sigs' })),
    keyOf(entryOf('*', { imageRegistryCredentials: { secrets: ['x'] } })),
    keyOf(entryOf('*', { imageRegistryCredentials: { allowInsecureRegistry: true } })),
    keyOf(entryOf('*', { imageRegistryCredentials: { providers: ['amazon'] } })),
  ];
  assert.equal(new Set([first, ...others]).size, 9);
});

const actions: readonly (readonly [
  said: readonly (KyvernoVerification['failureAction'] | undefined)[],
  action: string,
])[] = [
  [[undefined], 'audit'],
  [['Enforce'], 'deny'],
  [['enforce'], 'deny'],
  [['Audit'], 'audit'],
  [['Audit', 'Enforce'], 'deny'],
  [[undefined, 'Enforce'], 'deny'],
];

for (const [said, action] of actions) {
  test(`#14862 entries that say ${said.join()} make a rule ${action} where the policy audits`, () => {
    const entries = said.map((failureAction) => entryOf('*', failureAction === undefined ? {} : { failureAction }));
    assert.equal(decisionOf({ entries, object: ['ghcr.io/x:1'], action: 'audit' }).action, action);
  });
}

test('what entries say of the action comes before what the policy says', () => {
  const given = { entries: [entryOf('*', { failureAction: 'Audit' })], object: ['ghcr.io/x:1'] } as const;
  assert.equal(decisionOf({ ...given, action: 'deny' }).action, 'audit');
});

test('places that cannot be read fail the object, whatever the entries are about', () => {
  const object = { spec: { containers: [{ name: 'c', image: 5 }] } };
  const { outcome, message } = decisionOf({ entries: [entryOf('nothing')], object });
  assert.equal(outcome, 'failed');
  assert.equal(message, 'failed to verify image at /spec/containers/0/image: it is no text');
});

test('what no extractor may hide fails the object', () => {
  const rule = { imageExtractors: { Pod: [{ path: '/spec/steps/*', value: 'image', key: 'name' }] } };
  const steps = [
    { name: 'a', image: 'ghcr.io/evil:1' },
    { name: 'a', image: 'ghcr.io/good:1' },
  ];
  const given = { entries: [entryOf('*')], rule, object: { spec: { steps } }, images: { 'ghcr.io/evil:1': signed } };
  assert.equal(decisionOf(given).outcome, 'failed');
});

test('more images than there may be fail the object', () => {
  const object = podOf(...Array.from({ length: kyvernoLimits.images + 1 }, () => 'ghcr.io/x:1'));
  const { outcome, message } = decisionOf({ entries: [entryOf('*')], object, images: { 'ghcr.io/x:1': signed } });
  assert.deepEqual([outcome, message.includes('more than')], ['failed', true]);
});

test('of many messages some are told, and the others counted', () => {
  const object = podOf(...Array.from({ length: 30 }, (_, at) => `ghcr.io/x:${at}`));
  assert.match(decisionOf({ entries: [entryOf('*')], object }).message, /; and 20 more$/);
});

const being: JsonObject = { deletionTimestamp: '2026-06-01T00:00:00Z' };

function withMetadata(metadata: JsonObject, ...images: readonly string[]): JsonObject {
  return { ...podOf(...images), metadata };
}

const updates: readonly (readonly [what: string, object: JsonObject, oldObject: JsonObject, outcome: string])[] = [
  ['the same images', podOf('ghcr.io/x:1'), podOf('ghcr.io/x:1'), 'failed'],
  ['its last finalizer', withMetadata(being, 'ghcr.io/x:1'), withMetadata(being, 'ghcr.io/x:1'), 'skipped'],
  [
    'CVE-2023-34091 another image while it is being deleted',
    withMetadata(being, 'ghcr.io/x:1', 'ghcr.io/evil:1'),
    withMetadata(being, 'ghcr.io/x:1'),
    'failed',
  ],
  [
    'CVE-2023-34091 another tag while it is being deleted',
    withMetadata(being, 'ghcr.io/x:2'),
    withMetadata(being, 'ghcr.io/x:1'),
    'failed',
  ],
  ['a time of deletion that is not kept', withMetadata(being, 'ghcr.io/x:1'), podOf('ghcr.io/x:1'), 'failed'],
  ['a time of deletion that is gone', podOf('ghcr.io/x:1'), withMetadata(being, 'ghcr.io/x:1'), 'failed'],
];

for (const [what, object, oldObject, outcome] of updates) {
  test(`UPDATE with ${what}: ${outcome}`, () => {
    const subject = { operation: 'UPDATE', oldObject } as const;
    assert.equal(decisionOf({ entries: [entryOf('*')], object, subject }).outcome, outcome);
  });
}

test('a ReplicaSet that is only taken down passes with its images, as Kyverno looks at none, and nothing else of it may change', () => {
  const set = (replicas: number, image: string, more: JsonObject = {}): JsonObject => ({
    spec: { replicas, template: { ...more, spec: { containers: [{ name: 'a', image }] } } },
  });
  const outcome = (object: JsonObject, oldObject: JsonObject): string => {
    const subject = { operation: 'UPDATE', group: 'apps', kind: 'ReplicaSet', oldObject } as const;
    return decisionOf({ entries: [entryOf('*')], object, subject }).outcome;
  };
  assert.equal(outcome(set(0, 'ghcr.io/x:1'), set(2, 'ghcr.io/x:1')), 'skipped');
  assert.equal(outcome(set(3, 'ghcr.io/x:1'), set(2, 'ghcr.io/x:1')), 'failed');
  assert.equal(outcome(set(0, 'ghcr.io/x:2'), set(2, 'ghcr.io/x:1')), 'failed');
  assert.equal(outcome(set(0, 'ghcr.io/x:1', { metadata: {} }), set(2, 'ghcr.io/x:1')), 'failed');
});

test('what is being deleted can go although nobody can look at its images', () => {
  const object = withMetadata(being, 'ghcr.io/x:1');
  const run = verifyImages({ entries: [entryOf('*')], object, subject: { operation: 'UPDATE', oldObject: object } });
  assert.equal(run.checks.length, 0);
  const fresh = { operation: 'CREATE', oldObject: object } as const;
  assert.equal(decisionOf({ entries: [entryOf('*')], object, subject: fresh }).outcome, 'failed');
});

test('#11529, #16336 annotations of the object say nothing about its images', () => {
  const annotations = {
    'kyverno.io/verify-images': JSON.stringify({ 'ghcr.io/x:1': 'pass', [`ghcr.io/x@${testDigest}`]: true }),
    'kyverno.io/verify-images-scoped': JSON.stringify({
      version: 1,
      policies: { '/check-images': { check: { 'ghcr.io/x:1': 'pass' } } },
    }),
  };
  const object = withMetadata({ annotations }, 'ghcr.io/x:1');
  for (const subject of [{ operation: 'CREATE' }, { operation: 'UPDATE', oldObject: object }] as const) {
    const run = verifyImages({ entries: [entryOf('*')], object, subject });
    assert.equal(run.checks.length, 1);
    assert.ok(run.answer.kind === 'decided' && run.answer.outcome === 'failed');
    const alone = entryOf('*', { attestors: [], required: true });
    assert.equal(decisionOf({ entries: [alone], object, subject }).outcome, 'failed');
  }
});
