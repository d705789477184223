import assert from 'node:assert/strict';
import test from 'node:test';
import { makeCertificate } from '../../../../testing/registry/certificate.ts';
import { keySet, kyvernoSettings, newPublicKey, ruleOf } from '../../../../testing/policy/verify-images.ts';
import type { KyvernoRule } from '../document/policy/model.ts';
import type { Attestor, AttestorSet, KyvernoVerification } from '../document/verification/model.ts';
import type { RuleScope } from '../rule/model.ts';
import { exactStyle, type KyvernoStyle, strictStyle } from '../style.ts';
import { compileVerification, type CompiledVerification } from './compile-verification.ts';

const key = newPublicKey();
const rekor = { url: 'https://rekor.sigstore.dev' };
const { cert } = makeCertificate('example');

function compile(
  entry: Partial<KyvernoVerification>,
  style: KyvernoStyle = strictStyle,
  rule: Partial<KyvernoRule> = {},
  policyId = 'check',
): CompiledVerification {
  const whole = { imageReferences: ['*'], ...entry };
  return compileVerification(ruleOf([whole], rule), policyId, kyvernoSettings({ style }));
}

/** `path: sentence` of each. */
function wrong(...given: Parameters<typeof compile>): readonly string[] {
  return compile(...given).mistakes.map(({ path, sentence }) => `${path.slice(2).join('.')}: ${sentence}`);
}

function set(attestor: Attestor): readonly AttestorSet[] {
  return [{ entries: [attestor] }];
}

const cases: readonly (readonly [what: string, entry: Partial<KyvernoVerification>, mistake: RegExp])[] = [
  [
    '§7 (c) keyless without issuer and subject',
    { attestors: set({ keyless: { rekor } }) },
    /^attestors\.0\.entries\.0\.keyless: takes whoever has any certificate .*write issuer and subject/,
  ],
  [
    'patterns of everything',
    { attestors: set({ keyless: { rekor, issuer: '*', subject: '**' } }) },
    /keyless: takes whoever/,
  ],
  [
    'expressions of everything',
    { attestors: set({ keyless: { rekor, issuerRegExp: '.*', subjectRegExp: '^.+$' } }) },
    /keyless: takes whoever/,
  ],
  ['an empty subject', { attestors: set({ keyless: { rekor, subject: '' } }) }, /keyless: takes whoever/],
  [
    '§7 (c) attestations without attestors',
    { attestations: [{ type: 'https://x' }] },
    /^attestations\.0: has no attestors, so that a statement of anybody would do; write whose count/,
  ],
  ['old annotations alone', { annotations: { env: 'prod' } }, /^: takes whoever/],
  [
    'a key that is none',
    { attestors: [keySet(['-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----'])] },
    /^attestors\.0\.entries\.0\.keys\.publicKeys: cannot be used: /,
  ],
  [
    'a file as a key',
    { attestors: [keySet(['/etc/key.pub'])] },
    /publicKeys: is "\/etc\/key\.pub", which is neither a key/,
  ],
  ['an address as a key', { attestors: [keySet(['https://x.org/key.pub'])] }, /publicKeys: is .*neither a key in PEM/],
  ['a variable of the environment as a key', { attestors: [keySet(['env://KEY'])] }, /publicKeys: is .*neither/],
  ['no key', { attestors: [keySet([' '])] }, /publicKeys: is empty; write keys in PEM/],
  ['a key of an unknown service', { attestors: set({ keys: { kms: 'pkcs11:x' } }) }, /keys\.kms: is .*neither/],
  [
    'a certificate as a key',
    { attestors: [keySet(['-----BEGIN CERTIFICATE-----\nMFkw\n-----END CERTIFICATE-----'])] },
    /publicKeys: cannot be used: This is a certificate/,
  ],
  [
    'two algorithms',
    { attestors: set({ keys: { publicKeys: key, signatureAlgorithm: 'sha256' }, signatureAlgorithm: 'sha512' }) },
    /^attestors\.0\.entries\.0\.signatureAlgorithm: is not that of keys; keep one/,
  ],
  [
    'a certificate that is none',
    { attestors: set({ certificates: { cert: 'x' } }) },
    /certificates\.cert: cannot be used: it holds no/,
  ],
  [
    'a chain that is none',
    { attestors: set({ certificates: { certChain: 'x' } }) },
    /certificates\.certChain: cannot be used/,
  ],
  [
    'roots that are none',
    { attestors: set({ keyless: { roots: 'x', subject: 'y' } }) },
    /keyless\.roots: cannot be used/,
  ],
  [
    'a key of a log that is none',
    { attestors: set({ keys: { publicKeys: key, rekor: { ...rekor, pubkey: 'x' } } }) },
    /keys\.rekor\.pubkey: cannot be used: it holds no key/,
  ],
  [
    'a key of a certificate log that is none',
    { attestors: set({ keyless: { rekor, subject: 'y', ctlog: { pubkey: 'x' } } }) },
    /keyless\.ctlog\.pubkey: cannot be used/,
  ],
  [
    'a chain of a timestamp authority that is none',
    { attestors: set({ keys: { publicKeys: key, ctlog: { tsaCertChain: 'x' } } }) },
    /keys\.ctlog\.tsaCertChain: cannot be used/,
  ],
  [
    'an expression that is none',
    { attestors: set({ keyless: { rekor, subjectRegExp: '(' } }) },
    /keyless\.subjectRegExp: is no regular expression/,
  ],
  [
    'an expression that RE2 has not',
    { attestors: set({ keyless: { rekor, issuerRegExp: '(?=x)' } }) },
    /keyless\.issuerRegExp: is no regular expression/,
  ],
  [
    'an unknown extension',
    { attestors: set({ keyless: { rekor, subject: 'x', additionalExtensions: { workflow: 'y' } } }) },
    /keyless\.additionalExtensions\.workflow: is none of the extensions oidcIssuer, githubWorkflowTrigger/,
  ],
  [
    'a repository with a tag',
    { attestors: [keySet([key])], repository: 'ghcr.io/org/sigs:1' },
    /repository: is no repository/,
  ],
  [
    'a repository that is none',
    { attestors: [keySet([key])], repository: 'GHCR.io/ORG' },
    /repository: is no repository/,
  ],
  [
    'sets too deep within each other',
    {
      attestors: set({
        attestor: {
          entries:
            set({
              attestor: {
                entries:
                  set({ attestor: { entries: set({ attestor: keySet([key]) })[0]?.entries ?? [] } })[0]?.entries ?? [],
              },
            })[0]?.entries ?? [],
        },
      }),
    },
    /is a set within more than 3 others/,
  ],
  [
    'what stands beside a set within a set',
    { attestors: set({ attestor: keySet([key]), annotations: { a: 'b' } }) },
    /^attestors\.0\.entries\.0\.annotations: says nothing beside attestor; write it at the entries within/,
  ],
  [
    'Notary with attestations',
    { type: 'Notary', attestations: [{ type: 'x', attestors: set({ certificates: { cert } }) }] },
    /^attestations\.0: cannot be where the type is Notary/,
  ],
  ['Notary with an old key', { type: 'Notary', key }, /^key: cannot be where the type is Notary|^: cannot be/],
  [
    'Notary with logs',
    { type: 'Notary', attestors: set({ certificates: { cert, rekor } }) },
    /certificates\.rekor: says nothing where the type is Notary/,
  ],
  [
    'one name for two attestations',
    {
      attestations: [
        { type: 'x', name: 'a', attestors: [keySet([key])] },
        { type: 'y', name: 'a', attestors: [keySet([key])] },
      ],
    },
    /^attestations\.1\.name: is "a", which another attestation has too/,
  ],
  [
    'a name that is none',
    { attestations: [{ type: 'x', name: '__proto__', attestors: [keySet([key])] }] },
    /^attestations\.0\.name: is no name for a variable/,
  ],
  ['validate without deny', { attestors: [keySet([key])], validate: { message: 'x' } }, /^validate: has no deny/],
  [
    'a secret that is none',
    { imageRegistryCredentials: { secrets: ['a/b/c'] } },
    /secrets\.0: is "a\/b\/c", which names no secret/,
  ],
  [
    'variables in patterns',
    { image: '{{ x }}', attestors: [keySet([key])] },
    /^imageReferences: cannot have variables/,
  ],
  ['a variable without an end', { attestors: [keySet(['{{ x'])] }, /^: cannot be used: What begins at character/],
  [
    'an old key beside an old issuer',
    { key, issuer: 'x' },
    /^issuer: is about certificates and stands beside key; keep one/,
  ],
];

for (const [what, entry, mistake] of cases) {
  test(`a mistake: ${what}`, () => {
    const found = wrong(entry);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', mistake);
  });
}

test('what anybody may do is let pass as Kyverno does, and with roots of one own', () => {
  assert.deepEqual(wrong({ attestors: set({ keyless: { rekor } }) }, exactStyle), []);
  assert.deepEqual(wrong({ attestations: [{ type: 'https://x' }] }, exactStyle), []);
  assert.deepEqual(wrong({ attestors: set({ keyless: { roots: cert } }) }), []);
  assert.deepEqual(wrong({ attestors: set({ keyless: { rekor, subject: 'me@x.org' } }) }), []);
});

test('mistakes in fields of version 1 are told of them', () => {
  assert.match(wrong({ key: 'x' }).join(), /^key: is "x"/);
  assert.match(wrong({ subject: 'x', roots: 'y' }).join(), /^roots: cannot be used/);
  assert.match(wrong({ key: 'x', attestations: [{ type: 'a' }, { type: 'b' }] }).join('\n'), /^key: is "x"[^\n]*$/);
});

test('a rule without entries is a mistake', () => {
  const { mistakes } = compileVerification(ruleOf([]), 'check', kyvernoSettings());
  assert.deepEqual(mistakes, [{ path: ['verifyImages'], sentence: 'has no entries; add one' }]);
});

test("a policy of a namespace uses no other namespace's secrets", () => {
  const entry = { imageRegistryCredentials: { secrets: ['a', 'team/b', 'other/c'] } };
  assert.deepEqual(wrong(entry), []);
  const found = wrong(entry, strictStyle, {}, 'team/check');
  assert.deepEqual(found, [
    'imageRegistryCredentials.secrets.2: is in another namespace than the policy, which is in team',
  ]);
});

test('§2.3.8 extractors with an expression forbid that digests are put in', () => {
  const rule = { imageExtractors: { Task: [{ path: '/a', jmesPath: 'trim(@)' }] } };
  for (const entry of [{}, { mutateDigest: true }]) {
    assert.deepEqual(wrong(entry, strictStyle, rule), [
      'mutateDigest: must be false where an extractor has a jmesPath: what was made of a text cannot be put in its place',
    ]);
  }
  assert.deepEqual(wrong({ mutateDigest: false }, strictStyle, rule), []);
});

test('a rule with mistakes lets nothing pass', () => {
  const { body } = compile({ attestors: [keySet(['x'])] });
  const answer = body({} as unknown as RuleScope);
  assert.ok(answer.kind === 'decided');
  assert.deepEqual([answer.outcome, answer.action], ['undecided', 'deny']);
});

const advice: readonly (readonly [entry: Partial<KyvernoVerification>, path: string])[] = [
  [{ imageReferences: ['ghcr.io/org/app:*'] }, 'imageReferences.0'],
  [{ imageReferences: ['ghcr.io/org/app:v1'] }, 'imageReferences.0'],
  [{ imageReferences: ['ghcr.io/org/app*'] }, ''],
  [{ imageReferences: ['ghcr.io/*:*'] }, ''],
  [{ imageReferences: ['ghcr.io:5000/*'] }, ''],
  [{ imageReferences: ['ghcr.io/org/app@sha256:*'] }, ''],
  [{ skipImageReferences: ['*.trusted.io/org/*'] }, 'skipImageReferences.0'],
  [{ skipImageReferences: ['registry.io/org*'] }, 'skipImageReferences.0'],
  [{ skipImageReferences: ['registry.io/org/*'] }, ''],
  [{ skipImageReferences: ['registry.io/org/app:*'] }, ''],
  [{ skipImageReferences: ['registry.io/org/app:v1*'] }, ''],
  [{ skipImageReferences: ['*'] }, ''],
];

for (const [entry, path] of advice) {
  test(`§7 what is hardly meant: ${JSON.stringify(entry)}`, () => {
    const found = compile({ imageReferences: ['*'], ...entry }).advice.map((each) => each.path.slice(2).join('.'));
    assert.deepEqual(found, path === '' ? [] : [path]);
  });
}
