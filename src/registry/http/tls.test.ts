import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect, type SecureVersion, type TLSSocket } from 'node:tls';
import { manualClock } from '../../../testing/manual-clock.ts';
import { makeCertificate } from '../../../testing/registry/certificate.ts';
import { loadTls, type TlsFiles } from './tls.ts';
import { RegistryTlsError } from './tls-error.ts';
import { watchTls } from './watch-tls.ts';

const authority = makeCertificate('Example CA');
const leaf = makeCertificate('one', { issuer: authority, ips: ['127.0.0.1'] });
const now = Date.now();

function write(t: TestContext, cert: string, key: string, clientCa?: string): TlsFiles {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  writeFileSync(files.certFile, cert);
  writeFileSync(files.keyFile, key);
  if (clientCa === undefined) return files;
  writeFileSync(join(folder, 'ca.pem'), clientCa);
  return { ...files, clientCaFile: join(folder, 'ca.pem') };
}

interface Peer {
  readonly name: string;
  readonly protocol: string | null;
}

async function greet(
  port: number,
  versions: { minVersion?: SecureVersion; maxVersion?: SecureVersion } = {},
): Promise<Peer> {
  return await new Promise<Peer>((resolve, reject) => {
    const ciphers = 'DEFAULT@SECLEVEL=0';
    const socket: TLSSocket = connect({ port, host: '127.0.0.1', ca: authority.cert, ciphers, ...versions }, () => {
      resolve({ name: String(socket.getPeerCertificate().subject.CN), protocol: socket.getProtocol() });
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

test('a server takes new certificates without a restart, and speaks nothing older than TLS 1.2', async (t) => {
  const files = write(t, leaf.cert + authority.cert, leaf.key);
  const current = await loadTls(files, now);
  const server = createServer({ ...current.options });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  assert.equal((await greet(port)).name, 'one');
  assert.equal((await greet(port, { maxVersion: 'TLSv1.2' })).protocol, 'TLSv1.2');
  await assert.rejects(greet(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }));

  const failures: string[] = [];
  const watch = watchTls(files, {
    current,
    everyMs: 1000,
    clock: manualClock(now),
    onLoad: ({ options }) => server.setSecureContext(options),
    onFailure: ({ code }) => failures.push(code),
  });
  const next = makeCertificate('two', { issuer: authority, ips: ['127.0.0.1'] });
  writeFileSync(files.certFile, next.cert);
  await watch.check();
  assert.deepEqual([failures, (await greet(port)).name], [['TLS_KEY_MISMATCH'], 'one']);
  writeFileSync(files.keyFile, next.key);
  await watch.check();
  assert.deepEqual([failures.length, (await greet(port)).name], [1, 'two']);
  rmSync(files.keyFile);
  await watch.check();
  assert.deepEqual([failures[1], (await greet(port)).name], ['TLS_FILE_UNREADABLE', 'two']);
});

test('loadTls() gives the authorities of clients, and when the certificate is over', async (t) => {
  const { options, expires } = await loadTls(write(t, leaf.cert, leaf.key, authority.cert), now);
  assert.equal((options.ca as string[]).length, 1);
  assert.ok(expires > now);
});

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const encrypted = rsa.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'hidden words' });
const year = 366 * 24 * 3600 * 1000;

interface Refused {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
  readonly at?: number;
}

const refused: readonly (readonly [what: string, given: Refused, code: string, role: string, words: RegExp])[] = [
  ['a key of another certificate', { key: authority.key }, 'TLS_KEY_MISMATCH', 'key', /not the key of/],
  ['no certificate', { cert: leaf.key }, 'TLS_FILE_MALFORMED', 'cert', /holds no certificate/],
  ['a broken certificate', { cert: leaf.cert.replace('MII', 'MIA') }, 'TLS_FILE_MALFORMED', 'cert', /no certificate/],
  ['no key', { key: leaf.cert }, 'TLS_FILE_MALFORMED', 'key', /holds no private key/],
  ['an encrypted key', { key: String(encrypted) }, 'TLS_FILE_MALFORMED', 'key', /encrypted key/],
  ['no authorities', { ca: '' }, 'TLS_FILE_MALFORMED', 'clientCa', /ca\.pem holds no certificate/],
  ['an old certificate', { at: now + year }, 'TLS_EXPIRED', 'cert', /ended at \d{4}-/],
  ['a future certificate', { at: now - year }, 'TLS_EXPIRED', 'cert', /valid from \d{4}-/],
  ['a huge file', { cert: `${leaf.cert}${' '.repeat(2 ** 20)}` }, 'TLS_FILE_MALFORMED', 'cert', /far too large/],
];

for (const [what, { cert = leaf.cert, key = leaf.key, ca, at = now }, code, role, words] of refused) {
  test(`loadTls() refuses ${what}`, async (t) => {
    await assert.rejects(loadTls(write(t, cert, key, ca), at), (error: unknown) => {
      assert.ok(error instanceof RegistryTlsError);
      assert.deepEqual([error.code, error.role], [code, role]);
      assert.match(error.message, words);
      return true;
    });
  });
}

test('loadTls() says which file it could not read, and nothing of a key that is none', async (t) => {
  const files = write(t, leaf.cert, `-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n`);
  await assert.rejects(
    loadTls(files, now),
    (error: Error) => !/c2VjcmV0|secret/.test(`${error.message} ${String(error.cause)}`),
  );
  await assert.rejects(loadTls({ ...files, certFile: `${files.certFile}.none` }, now), { code: 'TLS_FILE_UNREADABLE' });
});
