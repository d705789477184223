import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  decisionOf,
  keySet,
  newPublicKey,
  podOf,
  testDigest,
  type VerificationCase,
  verifyImages,
} from '../../../../testing/policy/verify-images.ts';
import type { ImageAnswer } from '../../resource/policy.ts';
import type { AttestorSet, KyvernoVerification } from '../document/verification/model.ts';
import { strictStyle as strict } from '../style.ts';

const [a, b] = [newPublicKey(), newPublicKey()];
const other = `sha256:${'e'.repeat(64)}`;
const image = 'ghcr.io/org/app:1';
const signed = { signatures: [{ key: a }, { key: b }] };

function entryOf(more: Partial<KyvernoVerification> = {}): KyvernoVerification {
  return { imageReferences: ['*'], attestors: [keySet([a])], ...more };
}

test('CVE-2022-47633, §7 (a) what is put in is what was verified', () => {
  const digests = [testDigest, other];
  for (const digest of digests) {
    const { images } = decisionOf({
      entries: [entryOf()],
      object: [image],
      images: { [image]: { ...signed, digest } },
    });
    assert.deepEqual([images[0]?.digest, images[0]?.pinned], [digest, `${image}@${digest}`]);
  }
});

test('CVE-2023-47630 a registry that gives another digest each time it is asked gets nothing in', () => {
  const entries = [entryOf(), entryOf({ attestors: [keySet([b])] })];
  const find = (_: unknown, at: number): object => ({ ...signed, digest: at === 0 ? testDigest : other });
  const { outcome, message, images } = decisionOf({ entries, object: [image], find });
  assert.deepEqual([outcome, images[0]?.pinned, images[0]?.digest], ['failed', undefined, undefined]);
  assert.match(message, /it was looked at by different digests/);
});

test('an image that is named by a digest is not verified by another one', () => {
  const named = `ghcr.io/org/app@${testDigest}`;
  const given = { entries: [entryOf()], object: [named], images: { [named]: { ...signed, digest: other } } } as const;
  const { outcome, message } = decisionOf(given);
  assert.equal(outcome, 'failed');
  assert.match(message, /was looked at in its place/);
  assert.equal(decisionOf({ ...given, images: { [named]: signed } }).outcome, 'passed');
});

test('tag and digest together are what the digest is', () => {
  const both = `${image}@${testDigest}`;
  const { checks } = verifyImages({ entries: [entryOf()], object: [both], images: {} });
  assert.deepEqual(
    checks.map(({ reference }) => reference),
    [`ghcr.io/org/app@${testDigest}`],
  );
});

const spellings: readonly string[] = [
  'nginx:1',
  'docker.io/nginx:1',
  'docker.io/library/nginx:1',
  'index.docker.io/nginx:1',
  'registry-1.docker.io/library/nginx:1',
  'docker.io:443/nginx:1',
  'DOCKER.IO/nginx:1',
  `nginx:1@${testDigest}`,
  `docker.io/library/nginx@${testDigest}`,
];

for (const spelling of spellings) {
  test(`§7 spelling: ${spelling} escapes no pattern`, () => {
    for (const pattern of ['docker.io/nginx*', 'docker.io/library/nginx*', 'index.docker.io/library/nginx*']) {
      const entries = [entryOf({ imageReferences: [pattern] })];
      assert.equal(decisionOf({ entries, object: [spelling] }).outcome, 'failed', pattern);
    }
  });
}

test('§7 spelling: names with a dot behind the host, or none, are no names of images', () => {
  for (const name of [
    'docker.io./nginx',
    'ghcr.io:/app',
    '.ghcr.io/app',
    'ghcr.io//app',
    'ghcr.io/app@sha256:',
    ' nginx',
  ]) {
    assert.equal(
      decisionOf({ entries: [entryOf({ imageReferences: ['nothing'] })], object: [name] }).outcome,
      'failed',
      name,
    );
  }
});

test('what is looked for is what the object names, with the registry that it has there', () => {
  const asked = (name: string, naming?: object): string | undefined => {
    const settings = naming === undefined ? {} : { naming: naming as never };
    return verifyImages({ entries: [entryOf()], object: [name], settings }).checks[0]?.reference;
  };
  assert.equal(asked('nginx'), 'docker.io/nginx:latest');
  assert.equal(
    asked('nginx', { defaultRegistry: 'mirror.example', addsRegistry: true }),
    'mirror.example/nginx:latest',
  );
  assert.equal(asked('nginx', { defaultRegistry: 'mirror.example', addsRegistry: false }), 'docker.io/nginx:latest');
  assert.equal(asked('localhost:5000/a'), 'localhost:5000/a:latest');
  assert.equal(asked('[::1]:5000/a:b'), '[::1]:5000/a:b');
});

test('a signer who cannot be looked at lets nothing pass, and is not said to be nobody', () => {
  const entries = [entryOf()];
  for (const state of ['pending', 'unavailable'] as const) {
    const given = { entries, object: [image], images: { [image]: { state, reason: 'too many requests' } } } as const;
    const { outcome, message } = decisionOf(given);
    assert.equal(outcome, 'undecided');
    assert.doesNotMatch(message, /no signatures found/);
  }
});

/** A few keys, sets of them within each other, and who signed. */
const keys = [a, b, newPublicKey()];
const set: fc.Arbitrary<AttestorSet> = fc.letrec<{ set: AttestorSet }>((tie) => ({
  set: fc
    .array(
      fc.oneof(
        { maxDepth: 2 },
        fc.constantFrom(...keys).map((publicKeys) => ({ keys: { publicKeys } })),
        tie('set').map((attestor) => ({ attestor })),
      ),
      { minLength: 1, maxLength: 3 },
    )
    .chain((entries) =>
      fc
        .option(fc.integer({ min: 1, max: entries.length }), { nil: undefined })
        .map((count) => (count === undefined ? { entries } : { count, entries })),
    ),
})).set;

test('an image passes exactly where so many of each set signed, whatever the sets', () => {
  const isMet = ({ count, entries }: AttestorSet, by: readonly string[]): boolean => {
    const met = entries.filter(({ keys: own, attestor }) =>
      attestor === undefined ? by.includes(own?.publicKeys ?? '') : isMet(attestor, by),
    );
    return met.length >= (count ?? entries.length);
  };
  fc.assert(
    fc.property(fc.array(set, { minLength: 1, maxLength: 2 }), fc.subarray(keys), (attestors, by) => {
      const given: VerificationCase = {
        entries: [entryOf({ attestors })],
        object: [image],
        images: { [image]: { signatures: by.map((key) => ({ key })) } },
      };
      const wanted = attestors.every((each) => isMet(each, by));
      // As in Kyverno, one key counts for several entries; here it does for none more.
      const exact = { settings: { style: { ...strict, sameSignerTwice: true } } };
      assert.equal(decisionOf({ ...given, ...exact }).outcome, wanted ? 'passed' : 'failed');
      if (decisionOf(given).outcome === 'passed') assert.ok(wanted);
    }),
    { numRuns: 150 },
  );
});

test('no name of an image ends in anything but a decision', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('a', '/', ':', '@', '.', '-', 'A', '[', ']', '*', ' ') }),
    fc.constant('a'.repeat(3000)),
  );
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), (names) => {
      const { answer } = verifyImages({ entries: [entryOf()], object: podOf(...names) });
      if (answer.kind !== 'decided') assert.ok(names.every((name) => name === ''));
      else assert.equal(answer.images.length, names.filter((name) => name !== '').length);
    }),
    { numRuns: 300 },
  );
});

test('an answer about another policy says nothing', () => {
  const rule = { entries: [entryOf()], object: [image], images: { [image]: signed } };
  const forged = {
    ...rule,
    change: (answer: ImageAnswer) => ({ ...answer, verdict: { ...answer.verdict, policyHash: 'x' } }),
  };
  assert.deepEqual([decisionOf(rule).outcome, decisionOf(forged).outcome], ['passed', 'undecided']);
  // A key that is looked up makes another policy of it.
  const reference = 'k8s://team/key';
  const entries = [entryOf({ attestors: [keySet([reference])] })];
  const lookedUp = { ...forged, entries, images: { [image]: { signatures: [{ key: reference }] } } };
  assert.equal(decisionOf(lookedUp).outcome, 'passed');
});
