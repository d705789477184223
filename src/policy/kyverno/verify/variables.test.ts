import assert from 'node:assert/strict';
import test from 'node:test';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import {
  decisionOf,
  keySet,
  newPublicKey,
  type VerificationCase,
  verifyImages,
} from '../../../../testing/policy/verify-images.ts';
import type { KyvernoVerification } from '../document/verification/model.ts';

const [a, b] = [newPublicKey(), newPublicKey()];
const image = 'ghcr.io/org/app:1';

const twoKeys: KyvernoVerification = {
  imageReferences: ['ghcr.io/*'],
  mutateDigest: false,
  verifyDigest: false,
  attestors: [
    {
      count: 2,
      entries: [
        { keys: { publicKeys: '{{ keys.data.production }}' } },
        { keys: { publicKeys: '{{ keys.data.{{request.namespace}} }}' } },
      ],
    },
  ],
};

function caseOf(keys: JsonValue, more: Partial<VerificationCase> = {}): VerificationCase {
  return {
    entries: [twoKeys],
    rule: { context: [{ name: 'keys', configMap: { name: 'keys', namespace: 'default' } }] },
    object: [image],
    images: { [image]: { signatures: [{ key: a }, { key: b }] } },
    lookups: { keys },
    ...more,
  };
}

test('keys come from the context, which is looked up when an image needs it', () => {
  const run = verifyImages(caseOf({ data: { production: a, default: b } }));
  assert.deepEqual(
    run.lookups.map(({ kind, key }) => [kind, key]),
    [['configMap', 'keys']],
  );
  assert.ok(run.answer.kind === 'decided' && run.answer.outcome === 'passed', JSON.stringify(run.answer));
  assert.equal(decisionOf(caseOf({ data: { production: a, default: a } })).outcome, 'failed');
  assert.equal(verifyImages(caseOf({ data: {} }, { object: ['docker.io/x:1'] })).lookups.length, 0);
});

const wrong: readonly (readonly [what: string, keys: JsonValue, message: RegExp])[] = [
  [
    'gives nothing',
    { data: { production: a } },
    /failed to verify image ghcr\.io\/org\/app:1: The variable .*gives nothing/,
  ],
  ['gives no text', { data: { production: a, default: [b] } }, /The variable .* gives no text/],
  [
    'gives no key',
    { data: { production: a, default: '/etc/passwd' } },
    /publicKeys is "\/etc\/passwd", which is neither/,
  ],
  [
    'gives a variable',
    { data: { production: a, default: '{{ request.object.metadata.labels.key }}' } },
    /has variables in what a variable gives/,
  ],
  [
    'gives a key that is none',
    { data: { production: a, default: '-----BEGIN PUBLIC KEY-----' } },
    /publicKeys cannot be used/,
  ],
];

for (const [what, keys, message] of wrong) {
  test(`a variable that ${what} decides nothing, and lets nothing pass`, () => {
    const decision = decisionOf(caseOf(keys));
    assert.equal(decision.outcome, 'undecided');
    assert.match(decision.message, message);
  });
}

test('what is wrong with one entry keeps no other from being judged', () => {
  const other: KyvernoVerification = { imageReferences: ['*'], attestors: [keySet([newPublicKey()])], required: true };
  const decision = decisionOf(caseOf({ data: {} }, { entries: [twoKeys, other] }));
  assert.equal(decision.outcome, 'failed');
  assert.match(decision.message, /gives nothing.*no signatures|it is signed by/s);
});

test('what anybody may do is refused when variables make it so', () => {
  const keyless = { subject: '{{ who.subject }}', rekor: { url: 'https://rekor.sigstore.dev' } };
  const entry: KyvernoVerification = { imageReferences: ['*'], attestors: [{ entries: [{ keyless }] }] };
  const run = (subject: string): string =>
    decisionOf({ entries: [entry], object: [image], variables: { who: { subject } } }).message;
  assert.match(run('*'), /takes whoever has any certificate/);
  assert.match(run('me@x.org'), /no signatures found/);
});

test('variables are taken in repositories, secrets, skipped images and types', () => {
  const entry: KyvernoVerification = {
    imageReferences: ['*'],
    skipImageReferences: ['{{ at.skip }}*'],
    repository: '{{ at.repository }}',
    imageRegistryCredentials: { secrets: ['{{ at.secret }}'] },
    attestations: [{ type: '{{ at.type }}', attestors: [keySet([a])] }],
    mutateDigest: false,
    verifyDigest: false,
  };
  const at = { skip: 'docker.io/', repository: 'ghcr.io/sigs', secret: 'team/pull', type: 'https://x' };
  const { checks, answer } = verifyImages({
    entries: [entry],
    object: [image, 'docker.io/nginx:1'],
    variables: { at },
    images: { [image]: { signatures: [{ key: a, type: 'https://x', predicate: {}, repository: 'ghcr.io/sigs' }] } },
  });
  assert.equal(checks.length, 1);
  assert.deepEqual(checks[0]?.access.secrets, ['team/pull']);
  assert.ok(answer.kind === 'decided');
  assert.deepEqual(
    answer.images.map(({ outcome }) => outcome),
    ['passed', 'skipped'],
  );
});

test('conditions and the message of validate are left for what they are about', () => {
  const condition = { key: '{{ builder.id }}', operator: 'Equals', value: '{{ wanted }}' } as const;
  const entry: KyvernoVerification = {
    imageReferences: ['*'],
    repository: '{{ at }}',
    attestations: [{ type: 'x', attestors: [keySet([a])], conditions: [{ all: [condition] }] }],
    mutateDigest: false,
    verifyDigest: false,
  };
  const rule = { context: [{ name: 'wanted', variable: { value: 'y' } }] };
  const signatures = [{ key: a, type: 'x', predicate: { builder: { id: 'y' } }, repository: 'ghcr.io/sigs' }];
  const variables = { at: 'ghcr.io/sigs', wanted: 'y' };
  const given = { entries: [entry], rule, object: [image], variables, images: { [image]: { signatures } } };
  assert.equal(decisionOf(given).outcome, 'passed');
  assert.equal(decisionOf({ ...given, variables: { ...variables, wanted: 'z' } }).outcome, 'failed');
});
