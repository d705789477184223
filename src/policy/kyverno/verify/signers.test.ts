import assert from 'node:assert/strict';
import test from 'node:test';
import { makeCertificate } from '../../../../testing/registry/certificate.ts';
import {
  keySet,
  kyvernoSettings,
  newPublicKey,
  podOf,
  type VerificationCase,
  verifyImages,
} from '../../../../testing/policy/verify-images.ts';
import type { Signer } from '../../model.ts';
import type { ImageCheck } from '../../resource/policy.ts';
import type { Attestor, KyvernoVerification } from '../document/verification/model.ts';
import { exactStyle } from '../style.ts';

const key = newPublicKey();
const logKey = newPublicKey();
const { cert } = makeCertificate('example');
const { cert: chain } = makeCertificate('root');
const rekor = { url: 'https://rekor.sigstore.dev' };

function checkOf(entry: Partial<KyvernoVerification>, more: Partial<VerificationCase> = {}): ImageCheck {
  const entries = [{ imageReferences: ['*'], ...entry }];
  const [check, ...others] = verifyImages({ entries, object: ['ghcr.io/org/app:1'], ...more }).checks;
  assert.ok(check !== undefined && others.length === 0);
  return check;
}

function signersOf(attestor: Attestor, entry: Partial<KyvernoVerification> = {}): readonly Signer[] {
  return checkOf({ attestors: [{ entries: [attestor] }], ...entry }).policy.policy.signers;
}

const layouts = ['bundle', 'legacy'];
const name = '.attestors[0].entries[0]';
const everyLog = { log: 'required', certificateLog: 'required' };

const cases: readonly (readonly [
  what: string,
  attestor: Attestor,
  signer: object,
  type?: KyvernoVerification['type'],
])[] = [
  [
    'a key, whose signatures a log must hold',
    { keys: { publicKeys: key } },
    { name: `${name}.keys`, keys: [{ pem: key }], identities: [], layouts, trust: { log: 'required' } },
  ],
  [
    'a log of one own, and a hash',
    {
      keys: { publicKeys: key, signatureAlgorithm: 'sha512', rekor: { url: 'https://rekor.example', pubkey: logKey } },
    },
    {
      name: `${name}.keys`,
      keys: [{ pem: key }],
      identities: [],
      layouts,
      hash: 'sha512',
      trust: { log: 'required', logKeys: logKey },
    },
  ],
  [
    'no log, and a timestamp authority',
    { keys: { publicKeys: key, rekor: { ...rekor, ignoreTlog: true }, ctlog: { tsaCertChain: chain } } },
    {
      name: `${name}.keys`,
      keys: [{ pem: key }],
      identities: [],
      layouts,
      trust: { log: 'ignored', timestampAuthorities: chain },
    },
  ],
  [
    'the hash of the attestor',
    { keys: { publicKeys: key }, signatureAlgorithm: 'sha384' },
    { name: `${name}.keys`, keys: [{ pem: key }], identities: [], layouts, hash: 'sha384', trust: { log: 'required' } },
  ],
  [
    'a certificate alone, which is trusted as a key is',
    { certificates: { cert } },
    {
      name: `${name}.certificates`,
      keys: [],
      identities: [],
      certificates: [{ leaf: cert }],
      layouts,
      trust: { log: 'required' },
    },
  ],
  [
    'a certificate in base64',
    { certificates: { cert: Buffer.from(cert).toString('base64') } },
    {
      name: `${name}.certificates`,
      keys: [],
      identities: [],
      certificates: [{ leaf: cert }],
      layouts,
      trust: { log: 'required' },
    },
  ],
  [
    'a certificate with its chain',
    { certificates: { cert, certChain: chain } },
    {
      name: `${name}.certificates`,
      keys: [],
      identities: [],
      certificates: [{ leaf: cert, authorities: chain }],
      layouts,
      trust: everyLog,
    },
  ],
  [
    'whatever a chain issues',
    { certificates: { certChain: `${cert}${chain}`, rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } } },
    {
      name: `${name}.certificates`,
      keys: [],
      identities: [],
      certificates: [{ authorities: `${cert}${chain}` }],
      layouts,
      trust: { log: 'ignored', certificateLog: 'ignored' },
    },
  ],
  [
    'certificates of Notary',
    { certificates: { certChain: chain } },
    {
      name: `${name}.certificates`,
      keys: [],
      identities: [],
      certificates: [{ authorities: chain }],
      layouts: ['notation'],
    },
    'Notary',
  ],
  [
    'keyless',
    { keyless: { rekor, issuer: 'https://issuer', subject: 'me@*' } },
    {
      name: `${name}.keyless`,
      keys: [],
      identities: [{ issuer: { exact: 'https://issuer' }, subject: { glob: 'me@*' } }],
      layouts,
      trust: everyLog,
    },
  ],
  [
    'keyless with all that there is',
    {
      keyless: {
        issuer: 'a*',
        issuerRegExp: 'b',
        subject: 'c',
        subjectRegExp: 'd',
        roots: chain,
        additionalExtensions: { githubWorkflowRef: 'refs/*', oidcIssuer: '' },
        rekor: { ...rekor, pubkey: logKey },
        ctlog: { pubkey: logKey, tsaCertChain: cert },
      },
      annotations: { env: 'prod*' },
      repository: 'localhost:5000/sigs',
    },
    {
      name: `${name}.keyless`,
      keys: [],
      identities: [{ exact: 'c' }, { search: 'd' }].map((subject) => ({
        issuer: { all: [{ glob: 'a*' }, { search: 'b' }] },
        claims: { githubWorkflowRef: { glob: 'refs/*' }, oidcIssuer: { exact: '' } },
        subject,
      })),
      annotations: { env: { exact: 'prod*' } },
      repository: 'localhost:5000/sigs',
      layouts,
      trust: {
        ...everyLog,
        logKeys: logKey,
        certificateLogKeys: logKey,
        authorities: chain,
        timestampAuthorities: cert,
      },
    },
  ],
];

for (const [what, attestor, signer, type] of cases) {
  test(`§2.2 an attestor becomes a signer: ${what}`, () => {
    assert.deepEqual(signersOf(attestor, type === undefined ? {} : { type }), [signer]);
  });
}

test('§7 (c) whoever has a certificate, as in Kyverno when that is asked for', () => {
  const entry = { attestations: [{ type: 'https://x' }] };
  const { policy } = checkOf(entry, { settings: kyvernoSettings({ style: exactStyle }) }).policy;
  const [signer] = policy.signers;
  assert.deepEqual(signer, {
    name: '.attestations[0].anybody',
    keys: [],
    identities: [{}],
    layouts: ['legacy'],
    trust: { log: 'required', certificateLog: 'ignored' },
  });
});

test('an entry says how registries are reached; secrets without a namespace are in that of Kyverno', () => {
  const imageRegistryCredentials = {
    allowInsecureRegistry: true,
    providers: ['amazon', 'default'] as const,
    secrets: ['plain', 'team/own'],
  };
  assert.deepEqual(checkOf({ attestors: [keySet([key])], imageRegistryCredentials }).access, {
    plainHttp: true,
    secrets: ['kyverno/plain', 'team/own'],
    providers: ['amazon', 'default'],
  });
  assert.deepEqual(checkOf({ attestors: [keySet([key])] }).access, { plainHttp: false, secrets: [], providers: [] });
});

test('what changes nothing is taken', () => {
  const entry = { attestors: [keySet([key])], cosignOCI11: true };
  assert.equal(checkOf(entry).policy.hash, checkOf({ attestors: [keySet([key])] }).policy.hash);
});

const old: readonly (readonly [
  what: string,
  entry: Partial<KyvernoVerification>,
  same: Partial<KyvernoVerification>,
])[] = [
  ['key', { key }, { attestors: [keySet([key])] }],
  ['several keys in one', { key: `${key}${logKey}` }, { attestors: [keySet([`${key}${logKey}`])] }],
  [
    'key and annotations',
    { key, annotations: { a: 'b' } },
    { attestors: [{ entries: [{ keys: { publicKeys: key }, annotations: { a: 'b' } }] }] },
  ],
  [
    'issuer and subject',
    { issuer: 'x', subject: 'y*' },
    { attestors: [{ entries: [{ keyless: { issuer: 'x', subject: 'y*' } }] }] },
  ],
  ['a subject without an issuer', { subject: 'y' }, { attestors: [{ entries: [{ keyless: { subject: 'y' } }] }] }],
  ['roots alone', { roots: chain }, { attestors: [{ entries: [{ keyless: { roots: chain } }] }] }],
  [
    'additionalExtensions',
    { issuer: 'x', additionalExtensions: { githubWorkflowRef: 'r' } },
    { attestors: [{ entries: [{ keyless: { issuer: 'x', additionalExtensions: { githubWorkflowRef: 'r' } } }] }] },
  ],
  [
    '§7 (e) key beside attestations',
    { key, attestations: [{ type: 'a' }, { type: 'b' }] },
    {
      attestations: [
        { type: 'a', attestors: [keySet([key])] },
        { type: 'b', attestors: [keySet([key])] },
      ],
    },
  ],
  [
    'key beside attestations with attestors of their own',
    { key, attestations: [{ type: 'a', attestors: [keySet([logKey])] }] },
    { attestations: [{ type: 'a', attestors: [keySet([logKey]), keySet([key])] }] },
  ],
  [
    'predicateType',
    { attestations: [{ predicateType: 'a', attestors: [keySet([key])] }] },
    { attestations: [{ type: 'a', attestors: [keySet([key])] }] },
  ],
];

for (const [what, entry, same] of old) {
  test(`fields of version 1 mean what is written today: ${what}`, () => {
    assert.equal(checkOf(entry).policy.hash, checkOf(same).policy.hash);
  });
}

test('the image of version 1 is a pattern', () => {
  const run = (image: string): number =>
    verifyImages({ entries: [{ image, key }], object: podOf('ghcr.io/org/app:1') }).checks.length;
  assert.deepEqual([run('ghcr.io/org/*'), run('ghcr.io/other/*')], [1, 0]);
});
