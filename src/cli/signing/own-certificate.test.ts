import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { type MadeCertificate, makeAuthority, makeSigner } from '../../../testing/signing/certificate-maker.ts';
import { formatPem } from '../../codec/pem/pem.ts';
import type { Signer } from '../../signing/signer.ts';
import type { Host } from '../host.ts';
import { withOwnCertificate } from './own-certificate.ts';

const root = makeAuthority('root');
const intermediate = makeAuthority('intermediate', { issuer: root });
const leaf = makeSigner(intermediate);
const other = makeSigner(intermediate);

const signer: Signer = {
  publicKey: leaf.parsed.publicKey,
  hash: 'sha256',
  sign: () => Promise.resolve(Buffer.from('signature')),
};

interface Row {
  readonly name: string;
  readonly certificate?: readonly MadeCertificate[];
  readonly chain?: readonly MadeCertificate[];
  readonly gives: readonly MadeCertificate[] | 'the signer alone' | RegExp;
}

const rows: readonly Row[] = [
  { name: 'no certificate', gives: 'the signer alone' },
  { name: 'the certificate alone', certificate: [leaf], gives: [leaf] },
  { name: 'a chain without its root', certificate: [leaf], chain: [intermediate], gives: [leaf, intermediate] },
  { name: 'a chain with its root', certificate: [leaf], chain: [intermediate, root], gives: [leaf, intermediate] },
  { name: 'a chain that begins with the certificate', certificate: [leaf], chain: [leaf, root], gives: [leaf] },
  { name: 'all in one file', certificate: [leaf, intermediate, root], gives: [leaf, intermediate] },
  { name: 'a certificate of another key', certificate: [other], gives: /another key than --key/ },
  { name: 'the certificate not first', certificate: [intermediate, leaf], gives: /another key than --key/ },
  { name: 'an empty file', certificate: [], gives: /holds no certificate/ },
  { name: 'a chain to nothing', chain: [intermediate], gives: /add --certificate FILE/ },
];

for (const { name, certificate, chain, gives } of rows) {
  test(`a signer with ${name}`, async () => {
    using directory = temporaryDirectory();
    const host = { cwd: directory.path, signal: new AbortController().signal } as Host;
    const file = (base: string, certificates: readonly MadeCertificate[]): string => {
      const pem = certificates.map(({ der }) => formatPem({ label: 'CERTIFICATE', bytes: der }));
      writeFileSync(join(directory.path, base), pem.join(''));
      return base;
    };
    const settings = {
      ...(certificate === undefined ? {} : { certificate: file('leaf.pem', certificate) }),
      ...(chain === undefined ? {} : { certificateChain: file('chain.pem', chain) }),
    };
    if (gives instanceof RegExp) {
      await assert.rejects(withOwnCertificate(signer, settings, host), { code: 'SETTING_INVALID', message: gives });
      return;
    }
    const joined = await withOwnCertificate(signer, settings, host);
    if (gives === 'the signer alone') {
      assert.equal(joined, signer);
      return;
    }
    assert.ok('certificates' in joined);
    assert.deepEqual(
      joined.certificates.map((der) => der.toString('hex')),
      gives.map(({ der }) => der.toString('hex')),
    );
    assert.equal((await joined.sign(Buffer.from('message'))).toString(), 'signature');
  });
}
