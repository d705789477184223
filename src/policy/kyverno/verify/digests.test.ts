import assert from 'node:assert/strict';
import test from 'node:test';
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

const key = newPublicKey();
const tagged = 'ghcr.io/org/app:1';
const other = `sha256:${'e'.repeat(64)}`;
const named = `ghcr.io/org/app@${other}`;
const images: NonNullable<VerificationCase['images']> = Object.fromEntries(
  [tagged, named, 'docker.io/nginx:latest'].map((name) => [name, { signatures: [{ key }] }]),
);

/** An entry that verifies, or one that has nothing to verify by. */
function entryOf(switches: Partial<KyvernoVerification>, verifies = true): KyvernoVerification {
  return { imageReferences: ['*'], ...(verifies ? { attestors: [keySet([key])] } : {}), ...switches };
}

interface Outcome {
  readonly outcome: string;
  readonly pinned: string | undefined;
  readonly asked: number;
  readonly message: string;
}

function run(entry: KyvernoVerification, object: string, more: Partial<VerificationCase> = {}): Outcome {
  const { answer, checks } = verifyImages({ entries: [entry], object: [object], images, ...more });
  assert.equal(answer.kind, 'decided');
  const [image] = answer.images;
  return { outcome: answer.outcome, pinned: image?.pinned, asked: checks.length, message: answer.message };
}

const pinned = `${tagged}@${testDigest}`;

const switches: readonly (readonly [
  what: string,
  entry: KyvernoVerification,
  image: string,
  pins: boolean,
  outcome: string,
  pinned: string | undefined,
])[] = [
  ['mutateDigest on', entryOf({ mutateDigest: true }), tagged, true, 'passed', pinned],
  ['mutateDigest off, verifyDigest on', entryOf({ mutateDigest: false }), tagged, true, 'failed', undefined],
  ['both off', entryOf({ mutateDigest: false, verifyDigest: false }), tagged, true, 'passed', undefined],
  [
    'mutateDigest on, verifyDigest off',
    entryOf({ mutateDigest: true, verifyDigest: false }),
    tagged,
    true,
    'passed',
    pinned,
  ],
  ['mutateDigest on where nothing can be put in', entryOf({ mutateDigest: true }), tagged, false, 'failed', undefined],
  [
    'mutateDigest on where nothing can be put in, verifyDigest off',
    entryOf({ mutateDigest: true, verifyDigest: false }),
    tagged,
    false,
    'passed',
    undefined,
  ],
  ['mutateDigest on for what has a digest', entryOf({ mutateDigest: true }), named, true, 'passed', undefined],
  ['verifyDigest on for what has a digest', entryOf({ mutateDigest: false }), named, true, 'passed', undefined],
  [
    'required on, verified',
    entryOf({ required: true, mutateDigest: false, verifyDigest: false }),
    tagged,
    true,
    'passed',
    undefined,
  ],
];

for (const [what, entry, image, pins, outcome, expected] of switches) {
  test(`#16815, #16817: ${what}: ${outcome}${expected === undefined ? '' : ', and put in'}`, () => {
    const found = run(entry, image, { pins });
    assert.deepEqual([found.outcome, found.pinned], [outcome, expected]);
  });
}

for (const [what, found] of [
  ['cannot be looked at', { state: 'unavailable', reason: 'it is down' }],
  ['is still being looked at', { state: 'pending' }],
] as const) {
  test(`an image that ${what} is missing its digest all the same, where nothing puts it in`, () => {
    const world = { images: { [tagged]: found } };
    const { outcome, message } = run(entryOf({}), tagged, { ...world, pins: false });
    assert.match(
      message,
      /^missing digest for ghcr\.io\/org\/app:1; name it by its digest, [^;]+; failed to verify image/,
    );
    assert.equal(outcome, 'failed');
    assert.equal(run(entryOf({ mutateDigest: false }), tagged, world).outcome, 'failed');
    // Nothing is wrong with its name where the digest is put in or not asked for, or is there.
    assert.equal(run(entryOf({}), tagged, world).outcome, 'undecided');
    assert.equal(run(entryOf({ verifyDigest: false }), tagged, { ...world, pins: false }).outcome, 'undecided');
    assert.equal(run(entryOf({}), named, { images: { [named]: found }, pins: false }).outcome, 'undecided');
  });
}

test('what is put in is whole', () => {
  assert.equal(run(entryOf({}), 'nginx').pinned, `docker.io/nginx:latest@${testDigest}`);
  const settings = { naming: { defaultRegistry: 'docker.io', addsRegistry: false } };
  assert.equal(run(entryOf({}), 'nginx', { settings }).pinned, `nginx:latest@${testDigest}`);
});

test('mutateDigest that is not written is true where the rule denies, and false where it only tells', () => {
  const off = { verifyDigest: false };
  assert.equal(run(entryOf(off), tagged).pinned, pinned);
  assert.equal(run(entryOf(off), tagged, { action: 'audit' }).pinned, undefined);
  assert.equal(run(entryOf({ ...off, failureAction: 'Audit' }), tagged).pinned, undefined);
  assert.equal(run(entryOf({ ...off, failureAction: 'Enforce' }), tagged, { action: 'audit' }).pinned, pinned);
  assert.equal(run(entryOf({ ...off, failureAction: 'enforce' }), tagged, { action: 'audit' }).pinned, pinned);
});

test('an image that is not verified is not put in by its digest, whatever becomes of the object', () => {
  const unsigned = { [tagged]: {} };
  for (const action of ['deny', 'audit'] as const) {
    const found = run(entryOf({ mutateDigest: true }), tagged, { images: unsigned, action });
    assert.deepEqual([found.outcome, found.pinned], ['failed', undefined]);
  }
});

test('what one entry would put in is not, where another one says that the image is not verified', () => {
  const entries = [entryOf({ mutateDigest: true }), entryOf({ attestors: [keySet([newPublicKey()])] })];
  const [found] = decisionOf({ entries, object: [tagged], images }).images;
  assert.deepEqual([found?.outcome, found?.pinned], ['failed', undefined]);
});

test('an entry that only tells puts nothing in, beside one that denies', () => {
  const audits = entryOf({ imageReferences: ['ghcr.io/*'], failureAction: 'Audit', verifyDigest: false });
  const denies = entryOf({ imageReferences: ['docker.io/*'], failureAction: 'Enforce', verifyDigest: false });
  const decision = decisionOf({ entries: [audits, denies], object: [tagged, 'nginx'], images });
  assert.deepEqual(
    decision.images.map((each) => each.pinned),
    [undefined, `docker.io/nginx:latest@${testDigest}`],
  );
});

test('a missing digest is told with the one that the tag has', () => {
  const { message } = run(entryOf({ mutateDigest: false }), tagged);
  assert.equal(message, `missing digest for ghcr.io/org/app:1; name it by its digest, ghcr.io/org/app@${testDigest}`);
  const alone = run(entryOf({ mutateDigest: false, required: false }, false), tagged);
  assert.match(alone.message, /^missing digest for ghcr\.io\/org\/app:1; /);
});

const alone: readonly (readonly [
  what: string,
  switches: Partial<KyvernoVerification>,
  image: string,
  pins: boolean,
  outcome: string,
  asked: number,
])[] = [
  ['required on', {}, named, true, 'failed', 0],
  ['required off', { required: false }, named, true, 'passed', 0],
  ['mutateDigest', { required: false }, tagged, true, 'passed', 1],
  ['mutateDigest off', { required: false, mutateDigest: false }, tagged, true, 'failed', 0],
  ['all off', { required: false, mutateDigest: false, verifyDigest: false }, tagged, true, 'passed', 0],
  ['mutateDigest where nothing can be put in', { required: false }, tagged, false, 'failed', 0],
  [
    'mutateDigest alone where nothing can be put in',
    { required: false, verifyDigest: false },
    tagged,
    false,
    'passed',
    0,
  ],
];

for (const [what, given, image, pins, outcome, asked] of alone) {
  test(`§2.3.3, #16853: an entry without attestors and attestations: ${what}: ${outcome}, asking a registry ${asked} times`, () => {
    const found = run(entryOf(given, false), image, { pins });
    assert.deepEqual([found.outcome, found.asked], [outcome, asked]);
    if (asked > 0) assert.equal(found.pinned, pinned);
  });
}

test('required is met by another entry that verifies the image', () => {
  const off = { mutateDigest: false, verifyDigest: false };
  const entries = [entryOf(off, false), entryOf(off)];
  assert.equal(decisionOf({ entries, object: [tagged], images }).outcome, 'passed');
  const message =
    'unverified image ghcr.io/org/app:1; verifyImages[0] has nothing to verify it by: write attestors, or required: false';
  assert.equal(decisionOf({ entries: entries.slice(0, 1), object: [tagged], images }).message, message);
});

test('§2.3.3 an image that is skipped is skipped, and its digest asked for all the same', () => {
  const skip = { skipImageReferences: ['ghcr.io/org/*'] };
  const skipped = run(entryOf(skip), tagged, { images: { [tagged]: {} } });
  assert.deepEqual([skipped.outcome, skipped.pinned], ['skipped', pinned]);
  assert.equal(skipped.message, 'skipping image reference image ghcr.io/org/app:1, which skipImageReferences names');
  assert.equal(run(entryOf({ ...skip, mutateDigest: false }), tagged).outcome, 'failed');
  const off = run(entryOf({ ...skip, mutateDigest: false, verifyDigest: false }), tagged);
  assert.deepEqual([off.outcome, off.asked], ['skipped', 0]);
  const noted = decisionOf({
    entries: [entryOf({ ...skip, mutateDigest: false, verifyDigest: false })],
    object: [tagged],
  });
  assert.deepEqual(noted.notes, [skipped.message]);
  const mixed = decisionOf({ entries: [entryOf(skip)], object: podOf(tagged, 'docker.io/evil:1') });
  assert.deepEqual([mixed.outcome, mixed.images.map(({ outcome }) => outcome)], ['failed', ['skipped', 'failed']]);
});
