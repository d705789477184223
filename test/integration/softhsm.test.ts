import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { KeyType } from '../../src/signing/key/key-type.ts';
import { generateKeyPair } from '../../src/signing/key/private-key.ts';
import { verifySignature } from '../../src/signing/key/verify-signature.ts';
import { openPkcs11Key } from '../../src/signing/kms/pkcs11/client.ts';
import { parsePkcs11Reference } from '../../src/signing/kms/pkcs11/reference.ts';
import { testKeyDeps } from '../../testing/key-deps.ts';
import { findProgram } from '../../testing/registry/find-program.ts';

const run = promisify(execFile);
const message = Buffer.from('a message');

/** `SOFTHSM2_MODULE` names the module where Debian's package does not put it. */
const modulePath = [process.env['SOFTHSM2_MODULE'], '/usr/lib/softhsm/libsofthsm2.so'].find(
  (path) => path !== undefined && existsSync(path),
);

/** The package is native and optional: `PKCS11JS_ROOT` names a folder whose node_modules has it. */
function loadPackage(name: string): Promise<unknown> {
  const root = process.env['PKCS11JS_ROOT'] ?? import.meta.dirname;
  return Promise.resolve(createRequire(join(root, 'package.json'))(name));
}

async function missing(): Promise<string | false> {
  if (findProgram('softhsm2-util') === undefined || modulePath === undefined) return 'no SoftHSM is installed';
  try {
    await loadPackage('pkcs11js');
    return false;
  } catch {
    return 'the package pkcs11js is not installed';
  }
}

const types: readonly KeyType[] = ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'ed25519', 'rsa'];

test('keys on a token of SoftHSM sign', { skip: await missing() }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'softhsm-'));
  const before = process.env['SOFTHSM2_CONF'];
  try {
    const config = join(folder, 'softhsm2.conf');
    await mkdir(join(folder, 'tokens'));
    await writeFile(config, `directories.tokendir = ${join(folder, 'tokens')}\nobjectstore.backend = file\n`);
    // The module reads it from this process.
    process.env['SOFTHSM2_CONF'] = config;
    const util = (...args: readonly string[]): Promise<unknown> =>
      run('softhsm2-util', ['--module', String(modulePath), ...args], { env: process.env });
    await util('--init-token', '--free', '--label', 'the team', '--pin', '1234', '--so-pin', '5678');
    for (const [index, type] of types.entries()) {
      const { privateKey, publicKey } = await generateKeyPair(type);
      const file = join(folder, 'key.pem');
      await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
      const named = ['--label', type, '--id', `A${index}`];
      await util('--import', file, '--token', 'the team', ...named, '--pin', '1234');
      for (const how of [`object=${type}`, `id=%a${index}`]) {
        await using deps = await testKeyDeps({}, { env: { COSIGN_PKCS11_PIN: '1234' }, loadPackage });
        const text = `pkcs11:token=the%20team;${how}?module-path=${modulePath}`;
        const { publicKeys, signer } = await openPkcs11Key(parsePkcs11Reference(text), deps);
        assert.deepEqual(publicKeys[0]?.spki, publicKey.spki);
        assert.ok(verifySignature(publicKey, message, await signer.sign(message)), type);
        const wrong = parsePkcs11Reference(`${text}&pin-value=4321`);
        const refused = openPkcs11Key(wrong, deps).then((key) => key.signer.sign(message));
        await assert.rejects(refused, { code: 'KEY_PASSWORD_WRONG' });
      }
    }
  } finally {
    if (before === undefined) delete process.env['SOFTHSM2_CONF'];
    else process.env['SOFTHSM2_CONF'] = before;
    await rm(folder, { recursive: true, force: true });
  }
});
