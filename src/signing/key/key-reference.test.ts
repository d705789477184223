import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { SigningError } from '../error.ts';
import { parseKeyReference } from './key-reference.ts';

const kms = (reference: object): object => ({ kind: 'kms', reference });

test('parseKeyReference() knows every way to name a key', () => {
  const gcp = 'projects/p/locations/l/keyRings/r/cryptoKeys/k';
  for (const [text, wanted] of [
    ['cosign.pub', { kind: 'file', path: 'cosign.pub' }],
    ['/etc/keys/a b.pub', { kind: 'file', path: '/etc/keys/a b.pub' }],
    ['C:\\keys\\cosign.pub', { kind: 'file', path: 'C:\\keys\\cosign.pub' }],
    ['https://example.com/cosign.pub', { kind: 'url', url: new URL('https://example.com/cosign.pub') }],
    ['env://COSIGN_KEY', { kind: 'environment', variable: 'COSIGN_KEY' }],
    ['k8s://team/signer', { kind: 'kubernetes', namespace: 'team', name: 'signer' }],
    ['k8s://team/a.b-c', { kind: 'kubernetes', namespace: 'team', name: 'a.b-c' }],
    ['gitlab://owner/group/project', { kind: 'gitlab', project: 'owner/group/project' }],
    ['gitlab://1234', { kind: 'gitlab', project: '1234' }],
    ['awskms:///alias/x', kms({ provider: 'aws', keyId: 'alias/x' })],
    [`gcpkms://${gcp}`, kms({ provider: 'gcp', name: gcp })],
    [
      'azurekms://team/k',
      kms({ provider: 'azure', host: 'team.vault.azure.net', resource: 'https://vault.azure.net', key: 'k' }),
    ],
    ['hashivault://k', kms({ provider: 'hashivault', flavor: 'vault', key: 'k' })],
    ['openbao://k', kms({ provider: 'hashivault', flavor: 'openbao', key: 'k' })],
    ['OpenBao://K', kms({ provider: 'hashivault', flavor: 'openbao', key: 'K' })],
    ['pkcs11:token=t;object=o', kms({ provider: 'pkcs11', token: 't', label: 'o' })],
    ['my-hsm://k', kms({ provider: 'plugin', program: 'sigstore-kms-my-hsm', keyResourceId: 'k' })],
  ] as const) {
    assert.deepEqual(parseKeyReference(text), wanted, text);
  }
});

test('parseKeyReference() says how to write what it does not take', () => {
  for (const [text, sentence] of [
    ['', /path or an address/],
    ['a\0b', /path or an address/],
    ['http://example.com/cosign.pub', /plain HTTP/],
    ['https://user:pw@example.com/x', /user information/],
    ['https://', /address of the key is none/],
    ['env://', /env:\/\/VARIABLE/],
    ['env://A-B', /env:\/\/VARIABLE/],
    ['k8s://team', /NAMESPACE\/NAME/],
    ['k8s://team/a/b', /NAMESPACE\/NAME/],
    ['k8s://../b', /NAMESPACE\/NAME/],
    ['k8s://a.b/c', /NAMESPACE\/NAME/],
    ['gitlab://', /OWNER\/PROJECT/],
    ['gitlab://a//b', /OWNER\/PROJECT/],
    ['github://owner/project', /GitHub gives out no secret/],
    ['file:///etc/x', /without file:\/\//],
    ['awskms://x', /no key of AWS KMS/],
    ['gcpkms://x', /no key of Google/],
    ['azurekms://x', /no key of Azure/],
    ['hashivault://', /no key of Vault/],
    ['my-hsm://', /no key: write a path/],
    ['pkcs11:token=t', /pkcs11: address/],
  ] as const) {
    assert.throws(
      () => parseKeyReference(text),
      (error) =>
        error instanceof SigningError && error.code === 'KEY_REFERENCE_INVALID' && sentence.test(error.message),
      text,
    );
  }
});

test('parseKeyReference() survives hostile text', () => {
  const seeds = [
    'awskms://localhost:4566/alias/x',
    'k8s://team/signer',
    'azurekms://team/k/v',
    'https://example.com/x',
  ];
  assertSurvives(seeds, (bytes) => parseKeyReference(bytes.toString('latin1')));
});
