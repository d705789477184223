import assert from 'node:assert/strict';
import test from 'node:test';
import { fieldsOf } from '../../../../testing/policy/schema-fields.ts';
import {
  askedImage,
  type EntryCase,
  entryOutcome,
  type KyvernoVersion,
  kyvernoVersions,
  trustFields,
} from '../../../../testing/policy/verification-document.ts';
import {
  decisionOf,
  keySet,
  kyvernoSettings,
  newPublicKey,
  type TestImage,
  type TestSignature,
} from '../../../../testing/policy/verify-images.ts';
import { jsonSchemaOf } from '../../../codec/yaml/schema.ts';
import type {
  Attestor,
  KeylessAttestor,
  KyvernoAttestation,
  KyvernoVerification,
} from '../document/verification/model.ts';
import { verification } from '../document/verification/schema.ts';
import type { ImageCheck } from '../../resource/policy.ts';
import { exactStyle } from '../style.ts';

type Entry = Partial<KyvernoVerification>;

/** A field, what comes of an entry that has it and of one that has it otherwise or not, and the world that both are asked in. */
interface FieldCase {
  readonly field: string;
  readonly on: Entry;
  readonly off: Entry;
  readonly outcomes: readonly [on: string, off: string];
  readonly world?: EntryCase;
  /** Of version 1 alone, so that the other one refuses it. */
  readonly old?: true;
}

const [a, b] = [newPublicKey(), newPublicKey()];
const issuer = 'https://issuer';
const type = 'https://slsa.dev/provenance/v1';
const own: Entry = { attestors: [keySet([a])], mutateDigest: false, verifyDigest: false };
const plain: Entry = { mutateDigest: false, verifyDigest: false };
const rekor = { url: 'https://rekor.sigstore.dev' };

function signedBy(...signatures: readonly TestSignature[]): EntryCase {
  return { images: { [askedImage]: { signatures } } };
}

const byA = signedBy({ key: a });
const byMe = signedBy({
  certificate: { issuer, subject: 'me@x.org', claims: { githubWorkflowRef: 'refs/tags/v1' } },
});

/** A registry that shows the image to those alone who are let in. */
function onlyFor(isLetIn: (access: ImageCheck['access']) => boolean): EntryCase {
  const image: TestImage = { signatures: [{ key: a }] };
  return { find: ({ access }) => (isLetIn(access) ? image : { state: 'unavailable', reason: 'it says 401' }) };
}

function by(attestor: Attestor): Entry {
  return { attestors: [{ entries: [attestor] }], ...plain };
}

function keyless(parts: Partial<KeylessAttestor>): Entry {
  return by({ keyless: { rekor, issuer, subject: 'me@x.org', ...parts } });
}

function stating(attestation: KyvernoAttestation, more: Entry = {}): Entry {
  return { attestations: [{ type, attestors: [keySet([a])], ...attestation }], ...plain, ...more };
}

const statement = signedBy({ key: a, type, predicate: { id: 'evil' } });
const denies = (key: string): Entry => ({
  validate: { deny: { conditions: { any: [{ key, operator: 'Equals', value: 'evil' }] } } },
});
const passes: readonly [string, string] = ['passed', 'failed'];
const fails: readonly [string, string] = ['failed', 'passed'];
const keys = 'attestors[].entries[].keys';
const identity = 'attestors[].entries[].keyless';

const cases: readonly FieldCase[] = [
  {
    field: 'type',
    on: { ...own, type: 'SigstoreBundle' },
    off: own,
    outcomes: passes,
    world: { ...signedBy({ key: a, layout: 'bundle' }), settings: kyvernoSettings({ style: exactStyle }) },
  },
  { field: 'type', on: { ...own, type: 'Notary' }, off: own, outcomes: ['refused', 'passed'], world: byA },
  { field: 'failureAction', on: { ...own, failureAction: 'Audit' }, off: own, outcomes: ['failed audit', 'failed'] },
  {
    field: 'imageReferences',
    on: own,
    off: { ...own, imageReferences: ['docker.io/*'] },
    outcomes: ['failed', 'notAbout'],
  },
  {
    field: 'skipImageReferences',
    on: { ...own, skipImageReferences: ['ghcr.io/org/*'] },
    off: own,
    outcomes: ['skipped', 'failed'],
  },
  {
    field: 'attestors[].count',
    on: { ...plain, attestors: [keySet([a, b], 1)] },
    off: { ...plain, attestors: [keySet([a, b])] },
    outcomes: passes,
    world: byA,
  },
  {
    field: `${keys}.publicKeys`,
    on: by({ keys: { publicKeys: a } }),
    off: by({ keys: { publicKeys: b } }),
    outcomes: passes,
    world: byA,
  },
  {
    field: `${keys}.secret.name`,
    on: by({ keys: { secret: { name: 'key', namespace: 'team' } } }),
    off: by({ keys: { secret: { name: 'other', namespace: 'team' } } }),
    outcomes: passes,
    world: signedBy({ key: 'k8s://team/key' }),
  },
  {
    field: `${keys}.secret.namespace`,
    on: by({ keys: { secret: { name: 'key', namespace: 'team' } } }),
    off: by({ keys: { secret: { name: 'key', namespace: 'other' } } }),
    outcomes: passes,
    world: signedBy({ key: 'k8s://team/key' }),
  },
  {
    field: `${keys}.kms`,
    on: by({ keys: { kms: 'awskms:///alias/a' } }),
    off: by({ keys: { kms: 'awskms:///alias/b' } }),
    outcomes: passes,
    world: signedBy({ key: 'awskms:///alias/a' }),
  },
  {
    field: `${identity}.issuer`,
    on: keyless({}),
    off: keyless({ issuer: 'https://other' }),
    outcomes: passes,
    world: byMe,
  },
  {
    field: `${identity}.issuerRegExp`,
    on: keyless({ issuerRegExp: 'issuer$' }),
    off: keyless({ issuerRegExp: '^ftp' }),
    outcomes: passes,
    world: byMe,
  },
  {
    field: `${identity}.subject`,
    on: keyless({}),
    off: keyless({ subject: 'you@x.org' }),
    outcomes: passes,
    world: byMe,
  },
  {
    field: `${identity}.subjectRegExp`,
    on: keyless({ subject: '', subjectRegExp: '^me@' }),
    off: keyless({ subject: '', subjectRegExp: '^you@' }),
    outcomes: passes,
    world: byMe,
  },
  {
    field: `${identity}.additionalExtensions`,
    on: keyless({ additionalExtensions: { githubWorkflowRef: 'refs/tags/*' } }),
    off: keyless({ additionalExtensions: { githubWorkflowRef: 'refs/heads/*' } }),
    outcomes: passes,
    world: byMe,
  },
  {
    field: 'attestors[].entries[].attestor',
    on: by({ attestor: keySet([a, b], 1) }),
    off: by({ attestor: keySet([a, b]) }),
    outcomes: passes,
    world: byA,
  },
  {
    field: 'attestors[].entries[].annotations',
    on: by({ keys: { publicKeys: a }, annotations: { env: 'prod' } }),
    off: by({ keys: { publicKeys: a } }),
    outcomes: fails,
    world: byA,
  },
  {
    field: 'attestors[].entries[].repository',
    on: by({ keys: { publicKeys: a }, repository: 'ghcr.io/signatures' }),
    off: by({ keys: { publicKeys: a } }),
    outcomes: passes,
    world: signedBy({ key: a, repository: 'ghcr.io/signatures' }),
  },
  {
    field: 'attestations[].name',
    on: stating({ name: 'made' }, denies('{{ made.id }}')),
    off: stating({ name: 'other' }, denies("{{ made.id || 'none' }}")),
    outcomes: fails,
    world: statement,
  },
  {
    field: 'attestations[].type',
    on: stating({}),
    off: stating({ type: 'https://other' }),
    outcomes: passes,
    world: statement,
  },
  {
    field: 'attestations[].predicateType',
    on: { attestations: [{ predicateType: type, attestors: [keySet([a])] }], ...plain },
    off: { attestations: [{ predicateType: 'https://other', attestors: [keySet([a])] }], ...plain },
    outcomes: passes,
    world: statement,
  },
  {
    field: 'attestations[].attestors',
    on: stating({}),
    off: stating({ attestors: [keySet([b])] }),
    outcomes: passes,
    world: statement,
  },
  {
    field: 'attestations[].conditions',
    on: stating({ conditions: [{ all: [{ key: '{{ id }}', operator: 'Equals', value: 'good' }] }] }),
    off: stating({}),
    outcomes: fails,
    world: statement,
  },
  {
    field: 'repository',
    on: { ...own, repository: 'ghcr.io/signatures' },
    off: own,
    outcomes: passes,
    world: signedBy({ key: a, repository: 'ghcr.io/signatures' }),
  },
  {
    field: 'mutateDigest',
    on: { ...own, mutateDigest: true },
    off: own,
    outcomes: ['passed pinned', 'passed'],
    world: byA,
  },
  { field: 'verifyDigest', on: { ...own, verifyDigest: true }, off: own, outcomes: fails, world: byA },
  { field: 'required', on: plain, off: { ...plain, required: false }, outcomes: fails, world: byA },
  {
    field: 'useCache',
    on: { ...own, useCache: true },
    off: { ...own, useCache: false },
    outcomes: passes,
    // It was signed when it was verified a while ago, and no longer is.
    world: { find: ({ anew }) => (anew === true ? {} : { signatures: [{ key: a }] }) },
  },
  {
    field: 'validate.deny.conditions',
    on: stating({ name: 'made' }, denies('{{ made.id }}')),
    off: stating({ name: 'made' }),
    outcomes: fails,
    world: statement,
  },
  {
    field: 'imageRegistryCredentials.allowInsecureRegistry',
    on: { ...own, imageRegistryCredentials: { allowInsecureRegistry: true } },
    off: own,
    outcomes: ['passed', 'undecided'],
    world: onlyFor(({ plainHttp }) => plainHttp),
  },
  {
    field: 'imageRegistryCredentials.providers',
    on: { ...own, imageRegistryCredentials: { providers: ['amazon'] } },
    off: { ...own, imageRegistryCredentials: { providers: ['google'] } },
    outcomes: ['passed', 'undecided'],
    world: onlyFor(({ providers }) => providers.includes('amazon')),
  },
  {
    field: 'imageRegistryCredentials.secrets',
    on: { ...own, imageRegistryCredentials: { secrets: ['team/pull'] } },
    off: { ...own, imageRegistryCredentials: { secrets: ['pull'] } },
    outcomes: ['passed', 'undecided'],
    world: onlyFor(({ secrets }) => secrets.includes('team/pull')),
  },
  {
    field: 'image',
    on: { ...own, image: 'ghcr.io/*' },
    off: { ...own, image: 'docker.io/*' },
    outcomes: ['failed', 'notAbout'],
    old: true,
  },
  { field: 'key', on: { ...plain, key: a }, off: { ...plain, key: b }, outcomes: passes, world: byA, old: true },
  {
    field: 'subject',
    on: { ...plain, issuer, subject: 'me@*' },
    off: { ...plain, issuer, subject: 'you@*' },
    outcomes: passes,
    world: byMe,
    old: true,
  },
  {
    field: 'issuer',
    on: { ...plain, issuer, subject: 'me@*' },
    off: { ...plain, issuer: 'https://other', subject: 'me@*' },
    outcomes: passes,
    world: byMe,
    old: true,
  },
  {
    field: 'additionalExtensions',
    on: { ...plain, issuer, additionalExtensions: { githubWorkflowRef: 'refs/tags/*' } },
    off: { ...plain, issuer, additionalExtensions: { githubWorkflowRef: 'refs/heads/*' } },
    outcomes: passes,
    world: byMe,
    old: true,
  },
  {
    field: 'annotations',
    on: { ...plain, key: a, annotations: { env: 'prod' } },
    off: { ...plain, key: a },
    outcomes: fails,
    world: byA,
    old: true,
  },
];

/** What changes nothing, and why; the first is said in docs/admission.md. */
const withoutEffect: Readonly<Record<string, string>> = {
  cosignOCI11: 'signatures are looked for at referrers and at tags, whichever of them it names',
  'attestors[].entries[].keys.rekor.url': 'what a log promised comes with the signature and is held against its key',
  'attestors[].entries[].certificates.rekor.url': 'the same',
  'attestors[].entries[].keyless.rekor.url': 'the same',
  'attestors[].entries[].keys.ctlog.ignoreSCT': 'a key has no certificate that a log could hold, in Kyverno neither',
  'attestors[].entries[].keys.ctlog.pubkey': 'the same',
};

for (const { field, on, off, outcomes, world, old } of cases) {
  for (const version of kyvernoVersions) {
    test(`§2.2 ${field} of ${version} decides: ${outcomes.join(' with it, and without ')}`, async () => {
      const outcome = async (entry: Entry): Promise<string> =>
        await entryOutcome(version, { ...(isOldForm(entry) ? {} : { imageReferences: ['*'] }), ...entry }, world);
      const found = [await outcome(on), await outcome(off)];
      if (old === true && version === 'kyverno.io/v2beta1') assert.equal(found[0], 'refused');
      else assert.deepEqual(found, outcomes);
    });
  }
}

function isOldForm({ image }: Entry): boolean {
  return image !== undefined;
}

test('§2.2 there is a case for every field that the schema of verifyImages takes, and for none besides', () => {
  const all = fieldsOf(jsonSchemaOf(verification), (field) =>
    /^attestations\[\]\.(?:attestors|conditions)$|entries\[\]\.attestor$|\.conditions$/.test(field),
  );
  const shown = [...cases.map(({ field }) => field), ...Object.keys(withoutEffect)];
  shown.push('validate.message', 'roots', ...trustFields.map((field) => `attestors[].entries[].${field}`));
  assert.deepEqual([...new Set(shown)].sort(), [...all].sort());
  assert.ok(all.length > 50, String(all.length));
});

test('§2.2 validate.message is what is told where validate denies', () => {
  const told = (message?: string): string => {
    const { validate } = denies('{{ made.id }}');
    const said = { ...validate, ...(message === undefined ? {} : { message }) };
    const entries = [{ imageReferences: ['*'], ...stating({ name: 'made' }), validate: said }];
    return decisionOf({ entries, object: [askedImage], ...statement }).message;
  };
  assert.match(told('evil made it'), /validation in verifyImages failed: evil made it/);
  assert.doesNotMatch(told(), /evil made it/);
});

const entry: KyvernoVerification = { imageReferences: ['*'], ...own };
const unseen: readonly (readonly [field: string, entry: KyvernoVerification])[] = [
  ['cosignOCI11', { ...entry, cosignOCI11: true }],
  ['keys.rekor.url', { ...entry, ...by({ keys: { publicKeys: a, rekor: { url: 'https://log.example' } } }) }],
  ['keys.ctlog.ignoreSCT', { ...entry, ...by({ keys: { publicKeys: a, ctlog: { ignoreSCT: true } } }) }],
];
for (const [field, changed] of unseen) {
  test(`§2.2 ${field} is taken, and changes nothing`, async () => {
    const outcomes = async (version: KyvernoVersion, world: EntryCase): Promise<string> =>
      await entryOutcome(version, changed, world);
    for (const version of kyvernoVersions) {
      assert.deepEqual([await outcomes(version, byA), await outcomes(version, {})], ['passed', 'failed']);
    }
  });
}
