import assert from 'node:assert/strict';
import test from 'node:test';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import {
  decisionOf,
  keySet,
  kyvernoSettings,
  newPublicKey,
  testDigest,
  type TestSignature,
  type VerificationCase,
  verifyImages,
} from '../../../../testing/policy/verify-images.ts';
import type { AttestorSet, KyvernoAttestation, KyvernoVerification } from '../document/verification/model.ts';
import { exactStyle } from '../style.ts';

const [a, b, c] = [newPublicKey(), newPublicKey(), newPublicKey()];
const image = 'ghcr.io/org/app:1';
const type = 'https://slsa.dev/provenance/v1';
const byGood = { all: [{ key: '{{ builder.id }}', operator: 'Equals', value: 'https://good' }] } as const;

function entryOf(
  attestations: readonly KyvernoAttestation[],
  more: Partial<KyvernoVerification> = {},
): KyvernoVerification {
  return { imageReferences: ['*'], attestations, ...more };
}

function statement(predicate: JsonValue, key: string = a, of: string = type): TestSignature {
  return { key, type: of, predicate };
}

const good = statement({ builder: { id: 'https://good' } });
const bad = statement({ builder: { id: 'https://evil' } });

function outcomeOf(
  entry: KyvernoVerification,
  signatures: readonly TestSignature[],
  more: Partial<VerificationCase> = {},
): string {
  return decisionOf({ entries: [entry], object: [image], images: { [image]: { signatures } }, ...more }).outcome;
}

const own: AttestorSet = keySet([a]);
const nested: AttestorSet = {
  count: 2,
  entries: [{ keys: { publicKeys: a } }, { attestor: { count: 1, entries: keySet([b, c]).entries } }],
};

const cases: readonly (readonly [
  what: string,
  attestations: readonly KyvernoAttestation[],
  signatures: readonly TestSignature[],
  outcome: string,
])[] = [
  ['presence is enough without conditions', [{ type, attestors: [own] }], [bad], 'passed'],
  ['none is there', [{ type, attestors: [own] }], [], 'failed'],
  ['a signature of the image is none', [{ type, attestors: [own] }], [{ key: a }], 'failed'],
  ['CVE-2022-35930 a statement of another type', [{ type, attestors: [own] }], [{ ...good, type: 'x' }], 'failed'],
  ['a statement of somebody else', [{ type, attestors: [own] }], [{ ...good, key: b }], 'failed'],
  ['conditions hold', [{ type, attestors: [own], conditions: [byGood] }], [good], 'passed'],
  ['conditions do not hold', [{ type, attestors: [own], conditions: [byGood] }], [bad], 'failed'],
  ['every statement of the type must hold', [{ type, attestors: [own], conditions: [byGood] }], [good, bad], 'failed'],
  [
    'a statement of somebody else counts neither way',
    [{ type, attestors: [own], conditions: [byGood] }],
    [good, { ...bad, key: b }],
    'passed',
  ],
  ['a predicate that is no object', [{ type, attestors: [own], conditions: [byGood] }], [statement('x')], 'failed'],
  [
    'every attestation',
    [
      { type, attestors: [own] },
      { type: 'x', attestors: [own] },
    ],
    [good],
    'failed',
  ],
  ['every set of attestors', [{ type, attestors: [own, keySet([b])] }], [good], 'failed'],
  [
    'every set of attestors, and both do',
    [{ type, attestors: [own, keySet([b])] }],
    [good, { ...good, key: b }],
    'passed',
  ],
  ['so many as the count says', [{ type, attestors: [keySet([a, b], 1)] }], [{ ...good, key: b }], 'passed'],
  ['§7 (d) a set within a set', [{ type, attestors: [nested] }], [good, { ...good, key: c }], 'passed'],
  [
    '§7 (d) a set within a set is not anybody',
    [{ type, attestors: [nested] }],
    [good, { ...good, key: 'evil' }],
    'failed',
  ],
  ['the old name of type', [{ predicateType: type, attestors: [own] }], [good], 'passed'],
];

for (const [what, attestations, signatures, outcome] of cases) {
  test(`§2.3.6 attestations: ${what}: ${outcome}`, () => {
    assert.equal(outcomeOf(entryOf(attestations), signatures), outcome);
  });
}

test('attestors of the entry sign the image, and those of an attestation make it', () => {
  const entry = entryOf([{ type, attestors: [keySet([b])] }], { attestors: [own] });
  assert.equal(outcomeOf(entry, [{ key: a }, { ...good, key: b }]), 'passed');
  assert.equal(outcomeOf(entry, [{ key: b }, { ...good, key: b }]), 'failed');
  assert.equal(outcomeOf(entry, [{ key: a }, good]), 'failed');
  assert.equal(outcomeOf(entry, [{ key: a }]), 'failed');
});

test('§7 (b) an image that is verified by attestations alone is put in by the digest that they are about', () => {
  const entries = [entryOf([{ type, attestors: [own] }])];
  const { images } = decisionOf({ entries, object: [image], images: { [image]: { signatures: [good] } } });
  assert.equal(images[0]?.pinned, `${image}@${testDigest}`);
});

test('§7 (c) anybody makes attestations only as Kyverno has it', () => {
  const settings = kyvernoSettings({ style: exactStyle });
  const entry = entryOf([{ type, conditions: [byGood] }]);
  const certificate = { subject: 'someone', issuer: 'https://anywhere' };
  const { predicate = null } = good;
  assert.equal(outcomeOf(entry, [{ certificate, type, predicate }], { settings }), 'passed');
  assert.equal(outcomeOf(entry, [{ certificate, type, predicate: bad.predicate ?? null }], { settings }), 'failed');
});

test('§7 (f) what is stated is no pattern for what is asked for, but as Kyverno has it', () => {
  const condition = { key: '{{ labels }}', operator: 'AnyIn', value: ['trusted'] } as const;
  const entry = entryOf([{ type, attestors: [own], conditions: [{ all: [condition] }] }]);
  const signatures = [statement({ labels: ['*'] })];
  assert.equal(outcomeOf(entry, signatures), 'failed');
  assert.equal(outcomeOf(entry, signatures, { settings: kyvernoSettings({ style: exactStyle }) }), 'passed');
});

test('§2.4 what is denied is told in the words of Kyverno', () => {
  const told = (attestations: readonly KyvernoAttestation[], signatures: readonly TestSignature[]): string =>
    decisionOf({ entries: [entryOf(attestations)], object: [image], images: { [image]: { signatures } } }).message;
  const [before, after] = told([{ type, attestors: [own] }], []).split(/ \(wanted: key sha256:[0-9a-f]{64}\)/);
  assert.equal(
    before,
    'image attestations verification failed, verifiedCount: 0, requiredCount: 1, error: ' +
      `.attestations[0].attestors[0].entries[0].keys: attestations not found for predicate type ${type}`,
  );
  assert.equal(
    after,
    `; attest it: cosign attest --type ${type} --predicate FILE --key KEY ghcr.io/org/app@${testDigest}`,
  );
  assert.match(
    told(
      [
        { type: 'x', attestors: [own] },
        { type, attestors: [keySet([b, a], 2)], conditions: [byGood] },
      ],
      [statement({}, a, 'x'), bad, { ...good, key: b }],
    ),
    /^image attestations verification failed, verifiedCount: 1, requiredCount: 2, error: \.attestations\[1\]\.attestors\[0\]\.entries\[1\]\.keys: attestation checks failed for predicate https:\/\/slsa\.dev\/provenance\/v1: .*"https:\/\/evil"/,
  );
});

const notFromEvil = {
  deny: { conditions: { any: [{ key: '{{ built.builder.id }}', operator: 'NotEquals', value: 'https://good' }] } },
} as const;

const named: readonly KyvernoAttestation[] = [
  { type, name: 'built', attestors: [own] },
  { type: 'scan', name: 'scanned', attestors: [own] },
];

test('validate.deny sees attestations by their names', () => {
  const entry = entryOf(named, { validate: notFromEvil });
  const scan = statement({ scanner: 'x' }, a, 'scan');
  assert.equal(outcomeOf(entry, [good, scan]), 'passed');
  assert.equal(outcomeOf(entry, [bad, scan]), 'failed');
  // Whichever of several it allows, it denies another one.
  assert.equal(outcomeOf(entry, [good, bad, scan]), 'failed');
});

test('validate.deny sees several attestations at once', () => {
  const condition = { key: '{{ built.builder.id }}', operator: 'NotEquals', value: '{{ scanned.builder }}' } as const;
  const entry = entryOf(named, { validate: { deny: { conditions: [condition] } } });
  assert.equal(outcomeOf(entry, [good, statement({ builder: 'https://good' }, a, 'scan')]), 'passed');
  assert.equal(outcomeOf(entry, [good, statement({ builder: 'https://other' }, a, 'scan')]), 'failed');
});

test('validate.deny without conditions denies, and tells its message with variables', () => {
  const message = 'nothing of {{ request.namespace }}\n  in {{ image.registry }}\n';
  const entry = entryOf([{ type, attestors: [own] }], { validate: { message, deny: {} } });
  const told = decisionOf({ entries: [entry], object: [image], images: { [image]: { signatures: [good] } } });
  assert.equal(told.outcome, 'failed');
  assert.match(told.message, /^validation in verifyImages failed: nothing of default in ghcr\.io; /);
});

test('validate.deny tells what conditions say, and a message with variables of statements as it is written', () => {
  const conditions = { all: [{ ...notFromEvil.deny.conditions.any[0], message: 'build it again' }] };
  const entry = entryOf(named, { validate: { message: 'by {{ built.builder.id }}', deny: { conditions } } });
  const signatures = [bad, statement({}, a, 'scan')];
  const { message } = decisionOf({ entries: [entry], object: [image], images: { [image]: { signatures } } });
  assert.match(message, /failed: by .*; what it denies is the case: build it again; looked at/);
});

test('validate.deny needs no attestations, and lets an entry verify nothing', () => {
  const conditions = { all: [{ key: '{{ request.namespace }}', operator: 'Equals', value: 'default' }] } as const;
  const entry = entryOf([], { validate: { deny: { conditions } } });
  assert.equal(outcomeOf({ ...entry, required: false }, []), 'failed');
  const subject = { namespace: 'other' };
  assert.equal(outcomeOf({ ...entry, required: false }, [], { subject }), 'passed');
  assert.equal(outcomeOf(entry, [], { subject }), 'failed');
});

test('conditions see what they use of the object and of the context, and nothing more is asked with', () => {
  const conditions = [
    { key: '{{ request.object.metadata.labels.team }}', operator: 'Equals', value: 'a' },
    { key: '{{ image.registry }}', operator: 'Equals', value: 'ghcr.io' },
    { key: '{{ images.containers.c0.tag }}', operator: 'Equals', value: '1' },
    { key: '{{ allowed.builder }}', operator: 'Equals', value: '{{ builder.id }}' },
  ] as const;
  const entry = entryOf([{ type, attestors: [own], conditions: [{ all: conditions }] }]);
  const rule = { context: [{ name: 'allowed', variable: { value: {} } }] };
  const labels = { team: 'a', more: 'b' };
  const object = { metadata: { name: 'p', labels }, spec: { containers: [{ name: 'c0', image }] } };
  const given: VerificationCase = {
    entries: [entry],
    rule,
    object,
    images: { [image]: { signatures: [good] } },
    variables: { allowed: { builder: 'https://good', secret: 'x' } },
  };
  const { answer, checks } = verifyImages(given);
  assert.ok(answer.kind === 'decided');
  assert.equal(answer.outcome, 'passed', answer.message);
  assert.deepEqual(checks[0]?.context, {
    allowed: { builder: 'https://good' },
    image: { registry: 'ghcr.io' },
    images: { containers: { c0: { tag: '1' } } },
    request: { object: { metadata: { labels: { team: 'a' } } } },
  });
  const other = { ...object, metadata: { name: 'q', labels: { ...labels, more: 'c' } } };
  assert.equal(verifyImages({ ...given, object: other }).checks[0]?.key, checks[0]?.key);
  const others = { ...object, metadata: { name: 'q', labels: { ...labels, team: 'z' } } };
  assert.notEqual(verifyImages({ ...given, object: others }).checks[0]?.key, checks[0]?.key);
});

test('conditions that use nothing around the image are asked with nothing', () => {
  const entry = entryOf([{ type, attestors: [own], conditions: [byGood] }]);
  const [check] = verifyImages({ entries: [entry], object: [image] }).checks;
  assert.ok(check !== undefined && !Object.hasOwn(check, 'context'));
});

test('context that must be looked up is asked for first, and that keeps nothing else from being asked', () => {
  const conditions = [
    { all: [{ key: '{{ allowed.builder }}', operator: 'Equals', value: '{{ builder.id }}' }] },
  ] as const;
  const entries = [entryOf([{ type, attestors: [own], conditions }]), { ...entryOf([]), attestors: [own] }];
  const run = verifyImages({
    entries,
    rule: { context: [{ name: 'allowed', configMap: { name: 'allowed' } }] },
    object: [image],
    images: { [image]: { signatures: [good, { key: a }] } },
    lookups: { allowed: { builder: 'https://good' } },
  });
  assert.deepEqual(
    run.lookups.map(({ key }) => key),
    ['allowed'],
  );
  assert.equal(run.checks.length, 2);
  assert.ok(run.answer.kind === 'decided' && run.answer.outcome === 'passed');
});

test('a statement is not looked up by the name of a context that it takes the place of', () => {
  const run = verifyImages({
    entries: [entryOf([{ type, name: 'built', attestors: [own] }], { validate: notFromEvil })],
    rule: { context: [{ name: 'built', configMap: { name: 'built' } }] },
    object: [image],
    images: { [image]: { signatures: [good] } },
    lookups: { built: { builder: { id: 'https://evil' } } },
  });
  assert.equal(run.lookups.length, 0);
  assert.ok(run.answer.kind === 'decided' && run.answer.outcome === 'passed');
});
