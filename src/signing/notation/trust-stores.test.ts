import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { makeNotationAuthority, makeNotationSigner } from '../../../testing/signing/notation/maker.ts';
import { formatPem } from '../../codec/pem/pem.ts';
import { SigningError } from '../error.ts';
import { notationLimits } from './limits.ts';
import type { StoreName } from './trust-policy.ts';
import { openTrustStores } from './trust-stores.ts';

const root = makeNotationAuthority('root');
const middle = makeNotationAuthority('middle', { issuer: root });
const self = makeNotationSigner(undefined);
const signer = makeNotationSigner(root);
const pem = ({ der }: { readonly der: Buffer }): string => formatPem({ label: 'CERTIFICATE', bytes: der });
const acme: StoreName = { type: 'ca', name: 'acme' };

type Files = Readonly<Record<string, string | Buffer>>;

async function read(files: Files, store: StoreName = acme, change?: (folder: string) => void): Promise<number> {
  using directory = temporaryDirectory();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory.path, path)), { recursive: true });
    directory.write(path, content);
  }
  change?.(directory.path);
  return (await openTrustStores(directory.path)(store)).length;
}

test('a trust store holds certificates in PEM and DER, and each is read once', async () => {
  const files = {
    'x509/ca/acme/a.pem': `a comment\n${pem(root)}${pem(middle)}`,
    'x509/ca/acme/b.crt': self.der,
    'x509/ca/other/c.crt': 'not asked for',
  };
  assert.equal(await read(files), 3);
  assert.equal(await read({ 'x509/tsa/time/a.crt': root.der }, { type: 'tsa', name: 'time' }), 1);
  using directory = temporaryDirectory();
  mkdirSync(join(directory.path, 'x509/ca/acme'), { recursive: true });
  directory.write('x509/ca/acme/a.crt', root.der);
  const readStore = openTrustStores(directory.path);
  const first = await readStore(acme);
  rmSync(join(directory.path, 'x509'), { recursive: true });
  assert.equal(await readStore(acme), first);
});

const good = { 'x509/ca/acme/a.crt': root.der };
const refused: Readonly<Record<string, readonly [Files, StoreName?, ((folder: string) => void)?]>> = {
  'is not there': [{}],
  'is of another kind': [good, { type: 'signingAuthority', name: 'acme' }],
  'is empty': [{}, acme, (folder) => mkdirSync(join(folder, 'x509/ca/acme'), { recursive: true })],
  'is a file': [{ 'x509/ca/acme': root.der }],
  'is a link': [
    { 'real/a.crt': root.der, 'x509/ca/x/a.crt': root.der },
    acme,
    (folder) => symlinkSync(join(folder, 'real'), join(folder, 'x509/ca/acme')),
  ],
  'has a link in it': [
    { ...good, 'real.crt': root.der },
    acme,
    (folder) => symlinkSync(join(folder, 'real.crt'), join(folder, 'x509/ca/acme/b.crt')),
  ],
  'has a folder in it': [{ ...good, 'x509/ca/acme/sub/a.crt': root.der }],
  'has something else in it': [{ ...good, 'x509/ca/acme/README': 'read me' }],
  'has an empty file in it': [{ ...good, 'x509/ca/acme/b.crt': '' }],
  'has a key in it': [{ ...good, 'x509/ca/acme/b.pem': formatPem({ label: 'PUBLIC KEY', bytes: Buffer.alloc(4) }) }],
  'has half a certificate in it': [{ ...good, 'x509/ca/acme/b.crt': root.der.subarray(0, 100) }],
  'has two certificates in DER in one file': [{ ...good, 'x509/ca/acme/b.crt': Buffer.concat([root.der, middle.der]) }],
  'has a signer in it that others vouch for': [{ ...good, 'x509/ca/acme/b.crt': signer.der }],
  'has a file that is too large': [
    { ...good, 'x509/ca/acme/b.crt': Buffer.alloc(notationLimits.storeFileBytes + 1, 0x20) },
  ],
  'is for timestamps and has an intermediate': [{ 'x509/tsa/acme/a.crt': middle.der }, { type: 'tsa', name: 'acme' }],
  'is for timestamps and has a signer': [{ 'x509/tsa/acme/a.crt': self.der }, { type: 'tsa', name: 'acme' }],
};

for (const [name, [files, store, change]] of Object.entries(refused)) {
  test(`a trust store is refused that ${name}`, async () => {
    await assert.rejects(
      read(files, store, change),
      (error) => error instanceof SigningError && error.code === 'TRUST_STORE_INVALID',
    );
  });
}
