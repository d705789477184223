import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import { type Api, fails, testKeyDeps } from '../../../../testing/key-deps.ts';
import { verifySignature } from '../../key/verify-signature.ts';
import { openVaultKey } from './client.ts';
import { parseVaultReference } from './reference.ts';

const message = Buffer.from('a message');
const reference = parseVaultReference('hashivault://signer');
const host = 'vault.example:8200';
const env = { VAULT_ADDR: `https://${host}/`, VAULT_TOKEN: 'hvs.shhh' };

interface Pair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const old = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const middle = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const newest = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

function shown({ publicKey }: Pair): string {
  if (publicKey.asymmetricKeyType !== 'ed25519') return String(publicKey.export({ type: 'spki', format: 'pem' }));
  return publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');
}

interface FakeOptions {
  readonly engine?: string;
  readonly namespace?: string;
  readonly prefix?: (version: number) => string;
  readonly latest?: unknown;
}

/** The transit engine, with versions numbered from 1. */
function transit(pairs: readonly Pair[], options: FakeOptions = {}): Api {
  const { engine = 'transit', namespace, prefix = (version) => `vault:v${version}:`, latest = pairs.length } = options;
  return ({ method, path, headers, body }) => {
    if (headers['authorization'] !== 'Bearer hvs.shhh') return { status: 403, json: { errors: ['permission denied'] } };
    if (headers['x-vault-namespace'] !== namespace) return { status: 404, json: { errors: [] } };
    if (`${method} ${path}` === `GET /v1/${engine}/keys/signer`) {
      const keys = pairs.map((pair, at) => {
        const type = pair.publicKey.asymmetricKeyType === 'ec' ? 'P-256' : pair.publicKey.asymmetricKeyType;
        return [String(at + 1), { name: type, public_key: shown(pair), creation_time: '2026-01-01T00:00:00Z' }];
      });
      return { json: { data: { name: 'signer', latest_version: latest, keys: Object.fromEntries(keys) as object } } };
    }
    if (method !== 'POST' || !path.startsWith(`/v1/${engine}/sign/signer`))
      return { status: 404, json: { errors: [] } };
    const question = JSON.parse(body.toString()) as Record<string, unknown>;
    const version = Number(question['key_version']);
    const key = pairs[version - 1]?.privateKey;
    assert.ok(key !== undefined);
    const pure = key.asymmetricKeyType === 'ed25519';
    assert.equal(path, `/v1/${engine}/sign/signer${pure ? '' : '/sha2-256'}`);
    assert.equal(question['prehashed'], !pure);
    assert.equal(question['signature_algorithm'], key.asymmetricKeyType === 'rsa' ? 'pkcs1v15' : undefined);
    const signature = sign(pure ? null : 'sha256', message, { key, padding: constants.RSA_PKCS1_PADDING });
    return { json: { data: { signature: `${prefix(version)}${signature.toString('base64')}` } } };
  };
}

test('parseVaultReference() reads both schemes', () => {
  assert.deepEqual(reference, { provider: 'hashivault', flavor: 'vault', key: 'signer' });
  assert.deepEqual(parseVaultReference('openbao://a.b-c_1'), {
    provider: 'hashivault',
    flavor: 'openbao',
    key: 'a.b-c_1',
  });
  for (const text of [
    'hashivault://',
    'hashivault://a/b',
    'hashivault://..',
    'hashivault://a b',
    'vault://a',
    'hashivault://a?',
  ]) {
    assert.throws(() => parseVaultReference(text), { code: 'KEY_REFERENCE_INVALID' }, text);
  }
});

test('openVaultKey() keeps the keys of all versions and signs with the newest', async () => {
  await using deps = await testKeyDeps({ [host]: transit([old, middle, newest]) }, { env });
  const { publicKeys, signer } = await openVaultKey(reference, deps);
  const signedBefore = sign('sha256', message, old.privateKey);
  assert.deepEqual(
    publicKeys.map((key) => verifySignature(key, message, signedBefore)),
    [false, false, true],
  );
  const signature = await signer.sign(message);
  assert.deepEqual(
    publicKeys.map((key) => verifySignature(key, message, signature)),
    [true, false, false],
  );
});

test('openVaultKey() signs with each kind of key', async () => {
  for (const pair of [newest, ed, rsa]) {
    await using deps = await testKeyDeps({ [host]: transit([pair]) }, { env });
    const { signer } = await openVaultKey(reference, deps);
    assert.ok(verifySignature(signer.publicKey, message, await signer.sign(message)));
  }
});

test('openVaultKey() reads where the server is from the environment and the home folder', async () => {
  type Case = readonly [string, FakeOptions, Parameters<typeof testKeyDeps>[1], string?];
  const { VAULT_ADDR } = env;
  const cases: readonly Case[] = [
    ['engine', { engine: 'team/transit' }, { env: { ...env, TRANSIT_SECRET_ENGINE_PATH: '/team/transit/' } }],
    ['namespace', { namespace: 'team/one' }, { env: { ...env, VAULT_NAMESPACE: 'team/one' } }],
    ['file', {}, { env: { VAULT_ADDR, HOME: '/home' }, files: { '/home/.vault-token': 'hvs.shhh\n' } }],
    ['openbao', {}, { env: { BAO_ADDR: VAULT_ADDR, BAO_TOKEN: 'hvs.shhh', VAULT_TOKEN: 'no' } }, 'openbao://signer'],
    ['openbao by the names of Vault', {}, { env }, 'openbao://signer'],
  ];
  for (const [name, options, rest, text = 'hashivault://signer'] of cases) {
    await using deps = await testKeyDeps({ [host]: transit([newest], options) }, rest);
    const { signer } = await openVaultKey(parseVaultReference(text), deps);
    assert.ok(verifySignature(signer.publicKey, message, await signer.sign(message)), name);
  }
});

test('openVaultKey() refuses what cannot be a key that signs', async () => {
  const data =
    (keys: unknown): Api =>
    () => ({ json: { data: { latest_version: 1, keys } } });
  const cases: readonly (readonly [Api, Parameters<typeof testKeyDeps>[1], RegExp])[] = [
    [transit([newest]), { env: { ...env, VAULT_TOKEN: 'wrong' } }, /status 403; check the credentials/],
    [transit([newest]), { env: { VAULT_TOKEN: 'x' } }, /set VAULT_ADDR/],
    [transit([newest]), { env: { VAULT_ADDR: env.VAULT_ADDR } }, /set VAULT_TOKEN/],
    [transit([newest]), { env: { ...env, VAULT_TOKEN: 'a\r\nb' } }, /set VAULT_TOKEN/],
    [transit([newest]), { env: { ...env, TRANSIT_SECRET_ENGINE_PATH: '../sys' } }, /no path of an engine/],
    [transit([newest]), { env: { ...env, TRANSIT_SECRET_ENGINE_PATH: 'other' } }, /status 404; check the name/],
    [transit([newest], { latest: 7 }), { env }, /without the newest version/],
    [transit([newest], { prefix: () => 'vault:v2:' }), { env }, /not base64/],
    [transit([{ publicKey: newest.publicKey, privateKey: old.privateKey }]), { env }, /does not verify/],
    [data({ 1: 1_700_000_000 }), { env }, /does not sign/],
    [data({ 1: { name: 'aes256-gcm96' } }), { env }, /does not sign/],
    [data([]), { env }, /keys of another kind/],
    [data(undefined), { env }, /keys of another kind/],
    [() => ({ json: { data: null } }), { env }, /without data/],
  ];
  for (const [api, rest, sentence] of cases) {
    await using deps = await testKeyDeps({ [host]: api }, rest);
    await fails(
      openVaultKey(reference, deps).then(({ signer }) => signer.sign(message)),
      sentence,
    );
  }
});
