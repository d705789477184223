import assert from 'node:assert/strict';
import { createHash, createPublicKey } from 'node:crypto';
import test from 'node:test';
import {
  decisionOf,
  keySet,
  newPublicKey,
  type SignerIdentityOf,
  testDigest,
  type TestSignature,
  type VerificationCase,
} from '../../../../testing/policy/verify-images.ts';
import type { AttestorSet, KeylessAttestor, KyvernoVerification } from '../document/verification/model.ts';
import { exactStyle, strictStyle } from '../style.ts';

const [a, b, c] = [newPublicKey(), newPublicKey(), newPublicKey()];
const image = 'ghcr.io/org/app:1';
const rekor = { url: 'https://rekor.sigstore.dev' };
const github = 'https://token.actions.githubusercontent.com';

function entryOf(attestors: readonly AttestorSet[], more: Partial<KyvernoVerification> = {}): KyvernoVerification {
  return { imageReferences: ['ghcr.io/org/*'], attestors, ...more };
}

function outcomeOf(
  entry: KyvernoVerification,
  signatures: readonly TestSignature[],
  more: Partial<VerificationCase> = {},
): string {
  return decisionOf({ entries: [entry], object: [image], images: { [image]: { signatures } }, ...more }).outcome;
}

function by(...keys: readonly string[]): readonly TestSignature[] {
  return keys.map((key) => ({ key }));
}

const nested: AttestorSet = {
  count: 2,
  entries: [{ keys: { publicKeys: a } }, { attestor: { count: 1, entries: keySet([b, c]).entries } }],
};

const counts: readonly (readonly [
  what: string,
  sets: readonly AttestorSet[],
  keys: readonly string[],
  outcome: string,
])[] = [
  ['all entries where no count is given', [keySet([a, b])], [a, b], 'passed'],
  ['and not fewer', [keySet([a, b])], [a], 'failed'],
  ['so many as the count says', [keySet([a, b, c], 2)], [a, c], 'passed'],
  ['and not fewer than it says', [keySet([a, b, c], 2)], [b], 'failed'],
  ['every set', [keySet([a]), keySet([b])], [a, b], 'passed'],
  ['and not one of two sets', [keySet([a]), keySet([b])], [b], 'failed'],
  ['one key in two sets for both', [keySet([a]), keySet([a])], [a], 'passed'],
  ['each key of one text as an entry', [keySet([`${a}${b}`])], [a, b], 'passed'],
  ['and not one key of a text for all', [keySet([`${a}${b}`])], [a], 'failed'],
  ['keys of one text towards the count', [keySet([`${a}${b}`], 1)], [b], 'passed'],
  ['keys of one text beside other entries', [keySet([`${a}${b}`, c], 2)], [b, c], 'passed'],
  ['a set within a set', [nested], [a, c], 'passed'],
  ['and not the inner set alone', [nested], [b, c], 'failed'],
  ['and not the outer one alone', [nested], [a], 'failed'],
];

for (const [what, sets, keys, outcome] of counts) {
  test(`§2.3.5 attestors: ${what}`, () => {
    assert.equal(outcomeOf(entryOf(sets), by(...keys)), outcome);
  });
}

test('§2.3.5 text around keys, and spaces at the ends of lines, count for nothing', () => {
  const text = `# first\n${a.replaceAll('\n', '   \n')}\nsecond:\n${b}   `;
  assert.equal(outcomeOf(entryOf([keySet([text])]), by(a, b)), 'passed');
});

test('one key counts for one entry of a set, and for several only as Kyverno has it', () => {
  const entry = entryOf([keySet([a, a], 2)]);
  const exact = { settings: { style: { ...strictStyle, sameSignerTwice: true } } };
  assert.equal(outcomeOf(entry, by(a)), 'failed');
  assert.equal(outcomeOf(entry, by(a), exact), 'passed');
  assert.equal(outcomeOf(entryOf([keySet([a, b], 2)]), by(a), exact), 'failed');
  const { message } = decisionOf({ entries: [entry], object: [image], images: { [image]: { signatures: by(a) } } });
  assert.match(
    message,
    /^failed to verify image ghcr\.io\/org\/app:1: \.attestors\[0\]: one key or identity signed for several/,
  );
});

function keylessEntry(keyless: Partial<KeylessAttestor>, more: object = {}): KyvernoVerification {
  return entryOf([{ entries: [{ keyless: { rekor, ...keyless }, ...more }] }]);
}

function certificate(parts: Partial<SignerIdentityOf> = {}): readonly TestSignature[] {
  const subject = 'https://github.com/org/app/.github/workflows/release.yml@refs/tags/v1';
  return [{ certificate: { subject, issuer: github, ...parts } }];
}

const identities: readonly (readonly [
  what: string,
  keyless: Partial<KeylessAttestor>,
  signatures: readonly TestSignature[],
  outcome: string,
])[] = [
  [
    'a subject that is the text',
    { issuer: github, subject: 'me@x.org' },
    certificate({ subject: 'me@x.org' }),
    'passed',
  ],
  ['a subject as a pattern', { issuer: github, subject: 'https://github.com/org/*' }, certificate(), 'passed'],
  ['another subject', { issuer: github, subject: 'https://github.com/other/*' }, certificate(), 'failed'],
  ['a pattern matches the whole', { issuer: github, subject: 'github.com/org/*' }, certificate(), 'failed'],
  ['letters count', { issuer: github, subject: 'HTTPS://github.com/org/*' }, certificate(), 'failed'],
  ['another issuer', { issuer: 'https://accounts.google.com', subject: '*org*' }, certificate(), 'failed'],
  ['an issuer as a pattern', { issuer: 'https://*.githubusercontent.com', subject: '*org*' }, certificate(), 'passed'],
  ['a subject by an expression, anywhere', { issuer: github, subjectRegExp: 'org/app' }, certificate(), 'passed'],
  ['an expression with anchors', { issuer: github, subjectRegExp: '^org/app$' }, certificate(), 'failed'],
  ['an issuer by an expression', { issuerRegExp: 'githubusercontent', subject: '*org*' }, certificate(), 'passed'],
  ['another issuer by an expression', { issuerRegExp: 'google', subject: '*org*' }, certificate(), 'failed'],
  ['either subject: the text', { issuer: github, subject: '*org*', subjectRegExp: 'nobody' }, certificate(), 'passed'],
  ['either subject: the expression', { issuer: github, subject: 'no', subjectRegExp: 'org' }, certificate(), 'passed'],
  ['neither subject', { issuer: github, subject: 'no', subjectRegExp: 'nobody' }, certificate(), 'failed'],
  ['both issuers', { issuer: github, issuerRegExp: 'actions', subject: '*org*' }, certificate(), 'passed'],
  ['one issuer of two', { issuer: github, issuerRegExp: 'google', subject: '*org*' }, certificate(), 'failed'],
  ['the other issuer of two', { issuer: 'no', issuerRegExp: 'actions', subject: '*org*' }, certificate(), 'failed'],
  [
    'an extension',
    { issuer: github, additionalExtensions: { githubWorkflowTrigger: 'pu*' } },
    certificate({ claims: { githubWorkflowTrigger: 'push' } }),
    'passed',
  ],
  [
    'another value of an extension',
    { issuer: github, additionalExtensions: { githubWorkflowTrigger: 'push' } },
    certificate({ claims: { githubWorkflowTrigger: 'workflow_dispatch' } }),
    'failed',
  ],
  [
    'an extension that is not there',
    { issuer: github, additionalExtensions: { '1.3.6.1.4.1.57264.1.5': 'org/*' } },
    certificate(),
    'failed',
  ],
  ['nobody', { issuer: github, subject: '*org*' }, [], 'failed'],
];

for (const [what, keyless, signatures, outcome] of identities) {
  test(`§2.3.2, CVE-2025-29778: keyless with ${what} has ${outcome}`, () => {
    assert.equal(outcomeOf(keylessEntry(keyless), signatures), outcome);
  });
}

test('annotations must all be there, in one signature', () => {
  const entry = entryOf([{ entries: [{ keys: { publicKeys: a }, annotations: { env: 'prod', app: 'x' } }] }]);
  const key = a;
  assert.equal(outcomeOf(entry, [{ key, annotations: { env: 'prod', app: 'x', more: '1' } }]), 'passed');
  assert.equal(outcomeOf(entry, [{ key, annotations: { env: 'prod' } }]), 'failed');
  assert.equal(outcomeOf(entry, [{ key }]), 'failed');
  const apart = [
    { key, annotations: { env: 'prod' } },
    { key, annotations: { app: 'x' } },
  ];
  assert.equal(outcomeOf(entry, apart), 'failed');
  // #14500: not every signature must have them.
  assert.equal(outcomeOf(entry, [{ key }, { key, annotations: { env: 'prod', app: 'x' } }]), 'passed');
});

test('§7 (j) annotations of a signer who is not trusted are no help, but as Kyverno has it', () => {
  const entry = keylessEntry({ issuer: github, subject: '*org*' }, { annotations: { env: 'prod' } });
  const [trusted] = certificate();
  const attacker = { certificate: { subject: 'evil', issuer: 'https://evil' }, annotations: { env: 'prod' } };
  assert.ok(trusted !== undefined);
  const signatures = [trusted, attacker];
  assert.equal(outcomeOf(entry, signatures), 'failed');
  const exact = { settings: { style: { ...strictStyle, annotationsApart: true, sameSignerTwice: true } } };
  assert.equal(outcomeOf(entry, signatures, exact), 'passed');
  assert.equal(outcomeOf(entry, [trusted], exact), 'failed');
  assert.equal(outcomeOf(entry, [{ ...trusted, annotations: { env: 'prod' } }], exact), 'passed');
});

test('signatures are looked for in every layout, and in one of them only as Kyverno has it', () => {
  const found = (type: KyvernoVerification['type'], style: typeof strictStyle): string =>
    (['legacy', 'bundle', 'notation'] as const)
      .filter((layout) => {
        const entry = entryOf([keySet([a])], type === undefined ? {} : { type });
        return outcomeOf(entry, [{ key: a, layout }], { settings: { style } }) === 'passed';
      })
      .join();
  assert.equal(found(undefined, strictStyle), 'legacy,bundle');
  assert.equal(found('SigstoreBundle', strictStyle), 'legacy,bundle');
  assert.equal(found(undefined, exactStyle), 'legacy');
  assert.equal(found('Cosign', exactStyle), 'legacy');
  assert.equal(found('SigstoreBundle', exactStyle), 'bundle');
});

test('signatures lie where the attestor says, else where the entry says, else beside the image', () => {
  const elsewhere: TestSignature = { key: a, repository: 'ghcr.io/org/signatures' };
  const other: TestSignature = { key: a, repository: 'docker.io/other' };
  const ofEntry = entryOf([keySet([a])], { repository: 'ghcr.io/org/signatures' });
  assert.equal(outcomeOf(ofEntry, [elsewhere]), 'passed');
  assert.equal(outcomeOf(ofEntry, [{ key: a }]), 'failed');
  const ofAttestor = entryOf([{ entries: [{ keys: { publicKeys: a }, repository: 'other' }] }], {
    repository: 'ghcr.io/org/signatures',
  });
  assert.equal(outcomeOf(ofAttestor, [other]), 'passed');
  assert.equal(outcomeOf(ofAttestor, [elsewhere]), 'failed');
});

const references: readonly (readonly [what: string, keys: object, reference: string])[] = [
  ['k8s:// in publicKeys', { publicKeys: 'k8s://team/key' }, 'k8s://team/key'],
  ['a secret', { secret: { name: 'key', namespace: 'team' } }, 'k8s://team/key'],
  ['a key service', { kms: 'awskms:///alias/app' }, 'awskms:///alias/app'],
  [
    'a key service in publicKeys',
    { publicKeys: 'azurekms://team.vault.azure.net/key' },
    'azurekms://team.vault.azure.net/key',
  ],
  [
    'Google',
    { kms: 'gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/versions/1' },
    'gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/versions/1',
  ],
  ['Vault', { kms: 'hashivault://app' }, 'hashivault://app'],
];

for (const [what, keys, reference] of references) {
  test(`a key by ${what}`, () => {
    const entry = entryOf([{ entries: [{ keys }] }]);
    assert.equal(outcomeOf(entry, [{ key: reference }]), 'passed');
    assert.equal(outcomeOf(entry, [{ key: `${reference}x` }]), 'failed');
  });
}

test('§2.4 what is denied is told in the words of Kyverno, with what was tried and what to do', () => {
  const told = (entry: KyvernoVerification, signatures: readonly TestSignature[]): string =>
    decisionOf({ entries: [entry], object: [image], images: { [image]: { signatures } } }).message;
  const fingerprint = createHash('sha256')
    .update(createPublicKey(a).export({ type: 'spki', format: 'der' }))
    .digest('hex');
  assert.equal(
    told(entryOf([keySet([a])]), []),
    `failed to verify image ghcr.io/org/app:1: .attestors[0].entries[0].keys: no signatures found (wanted: key sha256:${fingerprint}); ` +
      `sign it with that key: cosign sign --key KEY ghcr.io/org/app@${testDigest}`,
  );
  assert.match(
    told(keylessEntry({ issuer: github, subject: 'x' }), certificate({ subject: 'someone' })),
    /^failed to verify image ghcr\.io\/org\/app:1: \.attestors\[0\]\.entries\[0\]\.keyless: it is signed by someone \(wanted: x of https:.*\); .*cosign sign ghcr/,
  );
  assert.match(
    told(entryOf([keySet([`${a}${b}`, c]), nested]), by(a)),
    /: \.attestors\[0\]\.entries\[1\]\.keys: it is signed by .*\.attestors\[0\]\.entries\[2\]\.keys: .*: \.attestors\[1\]\.entries\[1\]\.attestor\.entries\[0\]\.keys: /s,
  );
});
