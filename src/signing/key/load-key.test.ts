import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { type Api, testKeyDeps } from '../../../testing/key-deps.ts';
import { SigningError, type SigningErrorCode } from '../error.ts';
import { encryptPrivateKey } from './encrypted-key.ts';
import { parseKeyReference } from './key-reference.ts';
import { loadSigner, loadVerificationKeys } from './load-key.ts';
import { verifySignature } from './verify-signature.ts';

const message = Buffer.from('a message');
const password = Buffer.from('hold fast');
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pub = String(publicKey.export({ type: 'spki', format: 'pem' }));
const spki = publicKey.export({ type: 'spki', format: 'der' });
const key = await encryptPrivateKey(privateKey, password);
const plain = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));

async function fails(act: Promise<unknown>, code: SigningErrorCode, sentence: RegExp): Promise<void> {
  await assert.rejects(act, (error) => {
    assert.ok(error instanceof SigningError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, sentence);
    assert.doesNotMatch(error.message, /hold fast/);
    return true;
  });
}

const files = { '/cosign.pub': pub, '/cosign.key': key, '/plain.pem': plain, '/huge': 'x'.repeat(100_000) };

test('loadVerificationKeys() loads from a file, the environment and an address', async () => {
  const serve: Api = () => ({ text: pub });
  await using deps = await testKeyDeps({ 'example.com': serve }, { files, env: { KEY: pub } });
  for (const text of ['/cosign.pub', 'env://KEY', 'https://example.com/cosign.pub']) {
    const keys = await loadVerificationKeys(parseKeyReference(text), deps);
    assert.deepEqual(
      keys.map((one) => one.spki),
      [spki],
    );
  }
});

test('loadSigner() loads encrypted keys from a file, the environment and an address', async () => {
  const serve: Api = () => ({ text: key });
  await using deps = await testKeyDeps({ 'example.com': serve }, { files, env: { KEY: key } });
  for (const text of ['/cosign.key', 'env://KEY', 'https://example.com/cosign.key']) {
    const given: Buffer[] = [];
    const asking = {
      ...deps,
      password: (): Promise<Buffer> => {
        given.push(Buffer.from(password));
        return Promise.resolve(given.at(-1) as Buffer);
      },
    };
    const signer = await loadSigner(parseKeyReference(text), asking);
    assert.ok(verifySignature(signer.publicKey, message, await signer.sign(message)));
    assert.deepEqual(given, [Buffer.alloc(password.length)], 'the password is asked once and overwritten');
  }
  const signer = await loadSigner(parseKeyReference('/cosign.key'), deps, { hash: 'sha512' });
  assert.equal(signer.hash, 'sha512');
});

test('loading a key says what is wrong', async () => {
  const serve: Api = ({ path }) => (path === '/huge' ? { text: files['/huge'] } : { status: 404 });
  await using deps = await testKeyDeps({ 'example.com': serve }, { files, env: { EMPTY: '' } });
  const verify = (text: string): Promise<unknown> => loadVerificationKeys(parseKeyReference(text), deps);
  const open = (text: string, more = {}): Promise<unknown> => loadSigner(parseKeyReference(text), { ...deps, ...more });
  await fails(verify('/cosign.key'), 'KEY_INVALID', /private key where a public one belongs/);
  await fails(verify('/none'), 'KEY_UNREADABLE', /\/none is not there/);
  await fails(verify('/huge'), 'KEY_UNREADABLE', /100000 bytes, more than 65536/);
  await fails(verify('env://NONE'), 'KEY_UNREADABLE', /NONE holds no key/);
  await fails(verify('env://EMPTY'), 'KEY_UNREADABLE', /EMPTY holds no key/);
  await fails(verify('https://example.com/none'), 'KEY_UNAVAILABLE', /status 404/);
  await fails(verify('https://example.com/huge'), 'KEY_UNAVAILABLE', /65536 bytes/);
  await fails(verify('https://nobody.example/x'), 'KEY_UNAVAILABLE', /cannot be asked/);
  await fails(open('/cosign.pub'), 'KEY_INVALID', /import-key-pair/);
  await fails(open('/plain.pem'), 'KEY_INVALID', /import-key-pair/);
  const never = (): Promise<Buffer> => Promise.reject(new Error('asked for a password'));
  await fails(open('/none', { password: never }), 'KEY_UNREADABLE', /not there/);
  const wrong = (): Promise<Buffer> => Promise.resolve(Buffer.from('let go'));
  await fails(open('/cosign.key', { password: wrong }), 'KEY_PASSWORD_WRONG', /does not open/);
});

test('keys are not fetched from private addresses unless that is allowed', async () => {
  const hosts = [
    '127.0.0.1',
    'localhost',
    'sub.localhost',
    '[::1]',
    '0.0.0.0',
    '[::]',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '0x7f000001',
    '2130706433',
    '127.1',
    '[fe80::1]',
    '[fd00::1]',
    '[fc00::1]',
    '[ff02::1]',
    '[::ffff:10.0.0.1]',
    '[::ffff:8.8.8.8]',
    '[64:ff9b::a00:1]',
    '[2002:a00:1::]',
    '[2001::1]',
    '[2001:db8::1]',
    '[100::1]',
  ];
  const serve: Api = () => ({ text: pub });
  const all = Object.fromEntries(hosts.map((host) => [new URL(`https://${host}/`).host, serve]));
  await using deps = await testKeyDeps(all);
  for (const host of hosts) {
    const reference = parseKeyReference(`https://${host}/cosign.pub`);
    await fails(loadVerificationKeys(reference, deps), 'KEY_REFERENCE_INVALID', /private network/);
    assert.equal((await loadVerificationKeys(reference, { ...deps, allowPrivateUrls: true })).length, 1);
  }
  assert.equal(deps.asked.length, hosts.length, 'only the allowed ones were asked');
  const open = ['example.com', '8.8.8.8', '172.32.0.1', '11.0.0.1', '[2606:4700::1]', '[2001:db9::1]'];
  await using wide = await testKeyDeps(Object.fromEntries(open.map((host) => [host, serve])));
  for (const host of open) {
    assert.equal((await loadVerificationKeys(parseKeyReference(`https://${host}/k`), wide)).length, 1, host);
  }
});

test('a key is not taken from where a redirect into a private network led', async () => {
  await using deps = await testKeyDeps({ 'example.com': () => ({ text: pub }) });
  const redirecting = {
    ...deps,
    network: {
      ...deps.network,
      request: async (question: Parameters<typeof deps.network.request>[0]) => {
        const response = await deps.network.request(question);
        return { ...response, url: new URL('https://10.0.0.1/cosign.pub') };
      },
    },
  };
  const reference = parseKeyReference('https://example.com/cosign.pub');
  await fails(loadVerificationKeys(reference, redirecting), 'KEY_REFERENCE_INVALID', /10\.0\.0\.1/);
});

test('loadVerificationKeys() gives all versions of a managed key', async () => {
  const older = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = Object.fromEntries(
    [older.publicKey, publicKey].map((one, at) => [
      String(at + 1),
      { name: 'P-256', public_key: String(one.export({ type: 'spki', format: 'pem' })) },
    ]),
  );
  const vault: Api = () => ({ json: { data: { latest_version: 2, keys } } });
  const env = { VAULT_ADDR: 'https://vault.example', VAULT_TOKEN: 'token' };
  await using deps = await testKeyDeps({ 'vault.example': vault }, { env });
  const loaded = await loadVerificationKeys(parseKeyReference('hashivault://signer'), deps);
  const before = sign('sha256', message, older.privateKey);
  assert.deepEqual(
    loaded.map((one) => verifySignature(one, message, before)),
    [false, true],
  );
});
