import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Signer } from '../model.ts';
import { wantedOf } from './describe-signer.ts';

const pem = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE6a0EuKaz4pByVTL+NxdErF39zuPU
dys84vAFZlsgy3pEv4ZDui1bIQVAoqETbLdIm5udIQjezl//uCVwTn1//Q==
-----END PUBLIC KEY-----
`;

const cases: readonly (readonly [what: string, signer: Partial<Signer>, text: RegExp])[] = [
  ['a key by its fingerprint', { keys: [{ pem }] }, /^key sha256:[0-9a-f]{64}$/],
  ['a key that is none', { keys: [{ pem: 'x' }] }, /^a key that cannot be read$/],
  [
    'keys that are elsewhere',
    { keys: [{ file: 'a.pub' }, { reference: 'k8s://a/b' }] },
    /^the key in a\.pub or the key k8s:\/\/a\/b$/,
  ],
  [
    'an identity',
    { identities: [{ issuer: { exact: 'https://i' }, subject: { glob: 'https://s/*' } }] },
    /^https:\/\/s\/\* of https:\/\/i$/,
  ],
  [
    'an identity of many forms',
    { identities: [{ subject: { all: [{ regex: 'a' }, { search: 'b' }] } }] },
    /^\/\^a\$\/ and \/b\/$/,
  ],
  ['an issuer alone', { identities: [{ issuer: { exact: 'i' } }] }, /^anybody of i$/],
  ['a certificate', { certificates: [{ leaf: 'x' }] }, /^its certificate$/],
  [
    'authorities',
    { certificates: [{ authorities: 'x', identities: [{ subject: { exact: 's' } }] }] },
    /^a certificate of its authorities for s$/,
  ],
  [
    'where it is looked for, and with what',
    { keys: [{ file: 'a' }], repository: 'ghcr.io/o/s', annotations: { b: { exact: '1' }, a: { exact: '1' } } },
    /^the key in a with annotations a, b at ghcr\.io\/o\/s$/,
  ],
  ['three of many', { keys: ['a', 'b', 'c', 'd', 'e'].map((file) => ({ file })) }, /in c, or 2 others$/],
];

for (const [what, parts, text] of cases) {
  test(`wantedOf() tells of ${what}`, () => {
    const signer: Signer = { name: 's', keys: [], identities: [], ...parts };
    const wanted = wantedOf({ signers: [{ signers: ['s'], atLeast: 1 }], atLeast: 1 }, [signer]);
    assert.match(wanted('s').wanted ?? '', text);
    assert.deepEqual(wanted('other'), {});
  });
}
