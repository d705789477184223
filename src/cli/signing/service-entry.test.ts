import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { makeAuthority, makeKeys, spkiOf } from '../../../testing/signing/certificate-maker.ts';
import { formatPem } from '../../codec/pem/pem.ts';
import type { Host } from '../host.ts';
import { readAuthorityEntry, readLogEntry } from './service-entry.ts';

const authority = makeAuthority('root');
const spki = spkiOf(makeKeys());

async function inFolder<Result>(run: (host: Host) => Promise<Result>): Promise<Result> {
  using directory = temporaryDirectory();
  writeFileSync(join(directory.path, 'ca.pem'), formatPem({ label: 'CERTIFICATE', bytes: authority.der }));
  writeFileSync(join(directory.path, 'log.pub'), formatPem({ label: 'PUBLIC KEY', bytes: spki }));
  return await run({ cwd: directory.path, signal: new AbortController().signal } as Host);
}

test('an authority and a log are read with all their fields', async () => {
  const ca = await inFolder((host) =>
    readAuthorityEntry('url=https://ca.example,certificate-chain=ca.pem,end-time=2025-01-01T00:00:00+01:00', '-', host),
  );
  assert.equal(ca.url, 'https://ca.example');
  assert.deepEqual(
    ca.certificates.map(({ der }) => der),
    [authority.der],
  );
  assert.equal(ca.start, undefined);
  assert.deepEqual(ca.end, new Date('2024-12-31T23:00:00Z'));
  const log = await inFolder((host) =>
    readLogEntry(
      'url=https://l.example/a?b=c,public-key=log.pub,start-time=2024-01-01T00:00:00Z,origin=name',
      '-',
      host,
    ),
  );
  assert.equal(log.url, 'https://l.example/a?b=c');
  assert.deepEqual(log.key.spki, spki);
  assert.deepEqual(log.start, new Date('2024-01-01T00:00:00Z'));
  assert.equal(log.origin, 'name');
});

const start = 'start-time=2024-01-01T00:00:00Z';
const refused: readonly (readonly [text: string, why: RegExp])[] = [
  ['', /is none of its fields: url, public-key, start-time, end-time, origin/],
  ['url=https://l.example', /public-key, start-time is missing/],
  [`url=,public-key=log.pub,${start}`, /url is missing/],
  [`url=https://l.example,public-key=log.pub,${start},start=now`, /"start=now" is none of its fields/],
  [`url=https://l.example,url=https://l.example,public-key=log.pub,${start}`, /url is there twice/],
  ['url=https://l.example,public-key=log.pub,start-time=yesterday', /"yesterday" is no time/],
  ['url=https://l.example,public-key=log.pub,start-time=2024-13-01T00:00:00Z', /is no time/],
  [`url=https://l.example,public-key=log.pub,${start},end-time=2023-01-01T00:00:00Z`, /ends before it starts/],
  [`url=https://l.example,public-key=ca.pem,${start}`, /the key in ca.pem cannot be used/],
  [`url=https://l.example,public-key=absent.pub,${start}`, /absent.pub cannot be read/],
];

for (const [text, message] of refused) {
  test(`a log is refused: ${message.source}`, async () => {
    await assert.rejects(
      inFolder((host) => readLogEntry(text, '--rekor', host)),
      { code: 'SETTING_INVALID', message },
    );
  });
}
