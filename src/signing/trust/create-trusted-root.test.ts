import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeAuthority, makeKeys, spkiOf, type TestKeyType } from '../../../testing/signing/certificate-maker.ts';
import { readPublicKey } from '../key/read-public-key.ts';
import { createTrustedRoot } from './create-trusted-root.ts';
import { parseTrustedRoot } from './parse-trusted-root.ts';

const root = makeAuthority('root');
const intermediate = makeAuthority('intermediate', { issuer: root });
const start = new Date('2024-01-01T00:00:00Z');
const end = new Date('2025-01-01T00:00:00Z');

const types: readonly TestKeyType[] = ['P-256', 'P-384', 'P-521', 'ed25519', 'rsa'];

for (const type of types) {
  test(`a log with a key of type ${type} is read as it was written`, () => {
    const key = readPublicKey(spkiOf(makeKeys(type)));
    const json = createTrustedRoot({ tlogs: [{ url: 'https://log.example', key, start, end }] });
    const { logs } = parseTrustedRoot(Buffer.from(JSON.stringify(json)), 'here');
    assert.equal(logs.length, 1);
    assert.deepEqual(logs[0]?.key.spki, key.spki);
    assert.deepEqual(logs[0]?.window, { start, end });
    assert.equal(logs[0]?.baseUrl, 'https://log.example');
  });
}

test('authorities hold from when their first certificate does, where nobody says', () => {
  const certificates = [intermediate.parsed, root.parsed];
  const json = createTrustedRoot({
    certificateAuthorities: [{ url: 'https://ca.example', certificates }],
    timestampAuthorities: [{ url: 'https://tsa.example', certificates, start, end }],
  });
  const { authorities, timestampAuthorities } = parseTrustedRoot(Buffer.from(JSON.stringify(json)), 'here');
  assert.deepEqual(authorities[0]?.window, { start: intermediate.parsed.notBefore });
  assert.deepEqual(timestampAuthorities[0]?.window, { start, end });
  assert.deepEqual(
    authorities[0]?.certificates.map(({ der }) => der),
    [intermediate.der, root.der],
  );
});

test('what is named takes the place of the default, and nothing else does', () => {
  const key = readPublicKey(spkiOf(makeKeys()));
  const log = (url: string) => ({ url, key, start });
  const defaults = createTrustedRoot({ tlogs: [log('https://old.example')], ctlogs: [log('https://ct.example')] });
  const json = createTrustedRoot({ tlogs: [log('https://new.example')] }, defaults);
  const { logs, ctLogs } = parseTrustedRoot(Buffer.from(JSON.stringify(json)), 'here');
  assert.deepEqual(
    [...logs, ...ctLogs].map(({ baseUrl }) => baseUrl),
    ['https://new.example', 'https://ct.example'],
  );
});

test('the name of a log tells keys apart as cosign 3.1 has it', () => {
  const spki = Buffer.from('MCowBQYDK2VwAyEAPf9isTF4wsJS98fZAYmhpe7maHiWr9+M+8quVmZZHx4=', 'base64');
  const key = readPublicKey(spki);
  const log = { url: 'https://r.example/x', key, start };
  const json = createTrustedRoot({ tlogs: [{ ...log, origin: 'orig' }, log] });
  const { logs } = parseTrustedRoot(Buffer.from(JSON.stringify(json)), 'here');
  assert.deepEqual(
    logs.map(({ logId }) => logId.toString('base64')),
    ['lRCZsCXzQNJ5BmzoCl5MgpCUqA4fFHZMgL4Oz3XLcqI=', '+waqfI5un4AE7ix0NMyHnHWhdiZEmM5fRNRiitHuOU0='],
  );
});
