import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type CertificateParts,
  extension,
  generalName,
  makeAuthority,
  makeExtension,
  makeKeys,
  makeSigner,
  testTime,
} from '../../../testing/signing/certificate-maker.ts';
import { derSequence } from '../../codec/der/write.ts';
import { buildChain } from './build-chain.ts';

const program = 'openssl';

function reasonToSkip(): string | false {
  try {
    execFileSync(program, ['version'], { stdio: 'pipe' });
    return false;
  } catch {
    return 'no openssl on PATH';
  }
}

test('buildChain() and OpenSSL judge chains alike', { skip: reasonToSkip() }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'chain-'));
  const early = new Date('2021-01-01T00:00:00Z');
  const unknown = makeExtension('1.2.3', true, derSequence());
  const constrain = (name: Buffer): Buffer => extension.nameConstraints([name]);
  const authority = extension.authority();
  const cases: readonly (readonly [string, CertificateParts, CertificateParts, CertificateParts])[] = [
    ['as it should be', {}, {}, {}],
    ['with RSA', { keys: makeKeys('rsa') }, { keys: makeKeys('P-521') }, { keys: makeKeys('ed25519') }],
    ['root expired', { notAfter: early }, {}, {}],
    ['intermediate expired', {}, { notAfter: early }, {}],
    ['leaf expired', {}, {}, { notAfter: new Date(testTime.getTime() - 1000) }],
    ['intermediate is no authority', {}, { extensions: [extension.notAuthority()] }, {}],
    ['intermediate may not sign', {}, { extensions: [authority, extension.keyUsage(0)] }, {}],
    ['too long', { extensions: [extension.authority(0)] }, {}, {}],
    ['just long enough', { extensions: [extension.authority(1)] }, { extensions: [extension.authority(0)] }, {}],
    ['unknown and critical, on the leaf', {}, {}, { extensions: [unknown, extension.purposes(['1.3.6.1.5.5.7.3.3'])] }],
    ['unknown and critical, on the intermediate', {}, { extensions: [authority, unknown] }, {}],
    ['name permitted', { extensions: [authority, constrain(generalName.uri('example.com'))] }, {}, {}],
    ['name not permitted', { extensions: [authority, constrain(generalName.uri('example.org'))] }, {}, {}],
    ['other kind of name permitted', { extensions: [authority, constrain(generalName.dns('example.org'))] }, {}, {}],
    ['another signed it', {}, {}, { issuer: makeAuthority('intermediate') }],
  ];
  try {
    const write = (name: string, der: Buffer): void => {
      const text = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
      writeFileSync(join(folder, name), text);
    };
    const verdicts = cases.map(([what, rootParts, intermediateParts, leafParts]) => {
      const root = makeAuthority('root', rootParts);
      const intermediate = makeAuthority('intermediate', { issuer: root, ...intermediateParts });
      const leaf = makeSigner(intermediate, leafParts);
      const result = buildChain({
        leaf: leaf.parsed,
        intermediates: [intermediate.parsed],
        authority: [root.parsed],
        purpose: 'code-signing',
        times: [testTime],
      });
      write('root.pem', root.der);
      write('intermediate.pem', intermediate.der);
      write('leaf.pem', leaf.der);
      const time = ['-attime', `${testTime.getTime() / 1000}`];
      const files = ['-CAfile', 'root.pem', '-untrusted', 'intermediate.pem', 'leaf.pem'];
      let theirs = true;
      try {
        execFileSync(program, ['verify', '-no-CApath', '-no-CAstore', ...time, ...files], {
          cwd: folder,
          stdio: 'pipe',
        });
      } catch {
        theirs = false;
      }
      assert.equal('chain' in result, theirs, what);
      return theirs;
    });
    assert.equal(verdicts.filter(Boolean).length, 5);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
