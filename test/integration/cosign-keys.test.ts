import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { decodeBase64 } from '../../src/codec/base64/decode.ts';
import { decryptPrivateKey, encryptPrivateKey } from '../../src/signing/key/encrypted-key.ts';
import type { KeyType } from '../../src/signing/key/key-type.ts';
import { localSigner } from '../../src/signing/key/local-signer.ts';
import { parsePublicKey } from '../../src/signing/key/parse-public-key.ts';
import { generateKeyPair, importPrivateKey, pairOf } from '../../src/signing/key/private-key.ts';
import { formatPublicKey } from '../../src/signing/key/public-key-pem.ts';
import { verifyAnyForm } from '../../src/signing/key/verify-digest.ts';
import { verifySignature } from '../../src/signing/key/verify-signature.ts';
import { needsProgram } from '../../testing/registry/find-program.ts';

const run = promisify(execFile);
const types: readonly KeyType[] = ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'ed25519', 'rsa'];
const password = 'hold fast';
const message = Buffer.from('a message\n');
const cosignThere = needsProgram('cosign');
const opensslThere = needsProgram('openssl');

let folder = '';
/** Version 3 of cosign signs without a log only when it is told to leave its new ways. */
let withoutLog: readonly string[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cosign-keys-'));
  await writeFile(join(folder, 'message'), message);
  if (cosignThere.skip !== false) return;
  const { stdout } = await run('cosign', ['sign-blob', '--help']);
  const modern = stdout.includes('--use-signing-config');
  withoutLog = ['--tlog-upload=false', ...(modern ? ['--use-signing-config=false', '--new-bundle-format=false'] : [])];
});

after(() => rm(folder, { recursive: true, force: true }));

async function cosign(...args: readonly string[]): Promise<string> {
  // Loopback's discard port: no test asks the public instance for anything.
  const env = { ...process.env, HOME: folder, TUF_MIRROR: 'http://127.0.0.1:9/', COSIGN_PASSWORD: password };
  const { stdout } = await run('cosign', [...args], { cwd: folder, env });
  return stdout;
}

function file(name: string): Promise<string> {
  return readFile(join(folder, name), 'utf8');
}

for (const type of types) {
  test(`cosign signs and verifies with our ${type} key`, cosignThere, async () => {
    const { privateKey, publicKey } = await generateKeyPair(type);
    await writeFile(join(folder, `${type}.key`), await encryptPrivateKey(privateKey, Buffer.from(password)));
    await writeFile(join(folder, `${type}.pub`), formatPublicKey(publicKey));
    assert.equal(await cosign('public-key', '--key', `${type}.key`), formatPublicKey(publicKey));

    const signature = join(folder, `${type}.sig`);
    await cosign('sign-blob', '--key', `${type}.key`, ...withoutLog, '--output-signature', signature, '-y', 'message');
    const theirs = decodeBase64((await file(`${type}.sig`)).trim());
    assert.ok(await verifyAnyForm(publicKey, message, theirs));
    assert.ok(!(await verifyAnyForm(publicKey, Buffer.from('another'), theirs)));

    const check = ['--key', `${type}.pub`, '--signature', signature, '--insecure-ignore-tlog'];
    await writeFile(signature, (await localSigner(privateKey).sign(message)).toString('base64'));
    const verified = await cosign('verify-blob', ...check, 'message').then(
      () => true,
      () => false,
    );
    if (!verified) {
      // cosign 3.1 signs with SHA-384 and SHA-512 and verifies SHA-256 (sigstore/cosign issue 5092); cosign 2 knows no other.
      assert.ok(type === 'ecdsa-p384' || type === 'ecdsa-p521');
      await writeFile(signature, (await localSigner(privateKey, { hash: 'sha256' }).sign(message)).toString('base64'));
      await cosign('verify-blob', ...check, 'message');
    }
    await writeFile(join(folder, 'another'), 'another message');
    await assert.rejects(cosign('verify-blob', ...check, 'another'));
  });

  test(`cosign imports our ${type} key, and we open what it made of it`, cosignThere, async (t) => {
    const { privateKey, publicKey } = await generateKeyPair(type);
    await writeFile(join(folder, 'plain.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    try {
      await cosign('import-key-pair', '--key', 'plain.pem', '--output-key-prefix', `import-${type}`, '-y');
    } catch (error) {
      if (!/unsupported public key type/.test(String(error))) throw error;
      return t.skip('Debian built this cosign so that it imports no EC or RSA key at all, not those of OpenSSL either');
    }
    const opened = await decryptPrivateKey(await file(`import-${type}.key`), Buffer.from(password));
    assert.deepEqual(pairOf(opened).publicKey.spki, publicKey.spki);
    assert.deepEqual(parsePublicKey(await file(`import-${type}.pub`)).spki, publicKey.spki);
  });
}

test('we open the key pair that cosign generates', cosignThere, async () => {
  await cosign('generate-key-pair', '--output-key-prefix', 'generated');
  const opened = await decryptPrivateKey(await file('generated.key'), Buffer.from(password));
  const { publicKey } = pairOf(opened);
  assert.equal(publicKey.type, 'ecdsa-p256');
  assert.equal(formatPublicKey(publicKey), await file('generated.pub'));
  await assert.rejects(decryptPrivateKey(await file('generated.key'), Buffer.from('let go')), {
    code: 'KEY_PASSWORD_WRONG',
  });
});

const generated: readonly (readonly [string, readonly string[], KeyType])[] = [
  ['P-256', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'], 'ecdsa-p256'],
  ['P-384, SEC1', ['ecparam', '-name', 'secp384r1', '-genkey'], 'ecdsa-p384'],
  ['P-521', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521'], 'ecdsa-p521'],
  ['Ed25519', ['genpkey', '-algorithm', 'ed25519'], 'ed25519'],
  ['RSA', ['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'], 'rsa'],
  ['RSA, PKCS#1', ['genrsa', '-traditional', '3072'], 'rsa'],
];

for (const [name, args, type] of generated) {
  test(`OpenSSL and we agree on a key of OpenSSL: ${name}`, opensslThere, async () => {
    const { stdout: pem } = await run('openssl', [...args]);
    const { privateKey, publicKey } = importPrivateKey(pem);
    assert.equal(publicKey.type, type);
    await writeFile(join(folder, 'openssl.pem'), pem);
    const { stdout: pub } = await run('openssl', ['pkey', '-in', join(folder, 'openssl.pem'), '-pubout']);
    assert.equal(formatPublicKey(publicKey), pub);
    await writeFile(join(folder, 'openssl.pub'), pub);
    const signer = localSigner(privateKey);
    await writeFile(join(folder, 'openssl.sig'), await signer.sign(message));
    const digest = type === 'ed25519' ? ['-rawin'] : ['-rawin', '-digest', signer.hash];
    const check = ['pkeyutl', '-verify', '-pubin', '-inkey', join(folder, 'openssl.pub'), ...digest];
    const inputs = ['-in', join(folder, 'message'), '-sigfile', join(folder, 'openssl.sig')];
    const { stdout } = await run('openssl', [...check, ...inputs]);
    assert.match(stdout, /Verified Successfully/);
    const made = join(folder, 'openssl.theirs');
    const sign = ['pkeyutl', '-sign', '-inkey', join(folder, 'openssl.pem'), ...digest];
    await run('openssl', [...sign, '-in', join(folder, 'message'), '-out', made]);
    assert.ok(verifySignature(publicKey, message, await readFile(made)));
  });
}
