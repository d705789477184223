import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derOid, derSequence, derSet, derValue } from '../../../codec/der/write.ts';
import { derTag } from '../../../codec/der/tag.ts';
import {
  type CertificateParts,
  extension,
  generalName,
  makeAuthority,
  makeCertificate,
  makeCertificateDer,
  purposes,
  testTime,
} from '../../../../testing/signing/certificate-maker.ts';
import { isRegistryAuthError } from '../error.ts';
import { CertificateAuthenticator, type CertificateRule } from './authenticator.ts';

const authority = makeAuthority('Clients');
const clientAuth = '1.3.6.1.5.5.7.3.2';
const rules: readonly CertificateRule[] = [
  { from: 'uri', matches: 'spiffe://example.com/ns/*/sa/*', groups: ['workloads'] },
  { from: 'dns', matches: '*.nodes.example.com', prefix: 'node/', groups: ['nodes'] },
  { from: 'email', matches: '*@example.com' },
  { from: 'common-name', matches: '{alice,bob}' },
];
const clock = { time: testTime.getTime() };

async function look(parts: CertificateParts, some = rules): Promise<string> {
  const authenticator = new CertificateAuthenticator(some, { now: () => clock.time });
  const identity = await authenticator.authenticate({
    kind: 'certificate',
    der: makeCertificate({ issuer: authority, ...parts }).der,
  });
  return identity === undefined ? 'nobody' : [identity.kind, identity.name, ...identity.groups].join(' ');
}

const names = (...list: readonly Uint8Array[]): CertificateParts => ({
  subject: '',
  extensions: [extension.names(...list)],
});
const commonNames = (...list: readonly string[]): Buffer =>
  derSequence(
    ...list.map((text) => derSet(derSequence(derOid('2.5.4.3'), derValue(derTag.utf8String, Buffer.from(text))))),
  );

const cases: readonly (readonly [what: string, parts: CertificateParts, identity: string])[] = [
  ['a common name', { subject: 'alice' }, 'certificate alice'],
  ['another common name', { subject: 'mallory' }, 'nobody'],
  ['no name', { subject: '' }, 'nobody'],
  ['two common names', { subject: commonNames('alice', 'mallory') }, 'nobody'],
  ['a name with a NUL', { subject: 'alice\0.example.com' }, 'nobody'],
  [
    'a URI',
    names(generalName.uri('spiffe://example.com/ns/dev/sa/ci')),
    'certificate spiffe://example.com/ns/dev/sa/ci workloads',
  ],
  ['a URI of another domain', names(generalName.uri('spiffe://example.com.evil/ns/dev/sa/ci')), 'nobody'],
  ['a URI with more parts', names(generalName.uri('spiffe://example.com/ns/a/b/sa/ci')), 'nobody'],
  ['a DNS name', names(generalName.dns('a.nodes.example.com')), 'certificate node/a.nodes.example.com nodes'],
  ['a DNS name in the place of a URI', names(generalName.dns('spiffe://example.com/ns/dev/sa/ci')), 'nobody'],
  [
    'the second of several',
    names(generalName.dns('x'), generalName.email('a@example.com')),
    'certificate a@example.com',
  ],
  [
    'the first rule, not the first name',
    names(generalName.dns('a.nodes.example.com'), generalName.uri('spiffe://example.com/ns/dev/sa/ci')),
    'certificate spiffe://example.com/ns/dev/sa/ci workloads',
  ],
  ['for clients', { subject: 'alice', extensions: [extension.purposes([clientAuth])] }, 'certificate alice'],
  [
    'for servers too',
    { subject: 'alice', extensions: [extension.purposes([purposes.serverAuth, clientAuth])] },
    'certificate alice',
  ],
  ['for servers alone', { subject: 'alice', extensions: [extension.purposes([purposes.serverAuth])] }, 'nobody'],
];

test('a certificate gets the name that the first matching rule gives', async (t) => {
  for (const [what, parts, identity] of cases) {
    await t.test(what, async () => assert.equal(await look(parts), identity));
  }
  assert.equal(await look({ subject: 'alice' }, []), 'nobody');
});

test('a certificate counts between its times, also one that was seen before', async () => {
  const time = { value: testTime.getTime() };
  const authenticator = new CertificateAuthenticator(rules, { now: () => time.value });
  const { der, parsed } = makeCertificate({ subject: 'alice' });
  const name = async (): Promise<string | undefined> =>
    (await authenticator.authenticate({ kind: 'certificate', der }))?.name;
  assert.equal(await name(), 'alice');
  time.value = parsed.notAfter.getTime();
  assert.equal(await name(), 'alice');
  time.value += 1;
  assert.equal(await name(), undefined);
  time.value = parsed.notBefore.getTime() - 1;
  assert.equal(await name(), undefined);
});

test('bytes that are no certificate name nobody', async () => {
  const authenticator = new CertificateAuthenticator(rules, { now: () => testTime.getTime() });
  const { der } = makeCertificateDer({ subject: 'alice' });
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('x'),
    der.subarray(0, 100),
    Buffer.concat([der, Buffer.from([0])]),
  ]) {
    assert.equal(await authenticator.authenticate({ kind: 'certificate', der: bytes }), undefined);
  }
  assert.equal(await authenticator.authenticate({ kind: 'basic', user: 'alice', password: 'x' }), undefined);
  assert.deepEqual(
    [authenticator.fits({ kind: 'certificate', der }), authenticator.fits({ kind: 'bearer', token: 'x' })],
    ['perhaps', 'no'],
  );
});

test('rules that cannot be meant are refused', () => {
  const refused = (rule: object): void => {
    assert.throws(
      () => new CertificateAuthenticator([...rules, rule as CertificateRule], { now: () => 0 }),
      (error) => isRegistryAuthError(error, 'AUTH_SETTING_INVALID') && error.message.includes('rule 5'),
    );
  };
  refused({ from: 'organization', matches: '*' });
  refused({ from: 'dns', matches: '[a' });
  refused({ from: 'dns', matches: '*', groups: Array.from({ length: 51 }, () => 'x') });
});
