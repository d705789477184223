import { isAbsolute } from 'node:path';
import { SigningError } from '../../error.ts';
import { encodeEcdsaSignature } from '../../key/ecdsa-encoding.ts';
import { readFetchedKey } from '../../key/fetched-key.ts';
import type { KeyDeps } from '../../key/key-deps.ts';
import { defaultHash } from '../../key/key-type.ts';
import { readText } from '../../key/read-files.ts';
import { encodeDigestInfo } from '../../key/rsa-encoding.ts';
import type { KmsKey } from '../kms-key.ts';
import { remoteSigner } from '../remote-signer.ts';
import { loadPkcs11 } from './module.ts';
import type { Pkcs11Reference } from './reference.ts';
import { type Token, useToken } from './token.ts';

const service = 'The token';

/** Mechanisms of PKCS#11 that sign what was hashed already, or hash by themselves (EdDSA). */
const mechanisms = { rsa: 0x1, ecdsa: 0x1041, eddsa: 0x1057 } as const;

/** Opens a key on a token. @throws SigningError KEY_UNAVAILABLE, KEY_PASSWORD_WRONG */
export async function openPkcs11Key(reference: Pkcs11Reference, deps: KeyDeps): Promise<KmsKey> {
  const path = reference.modulePath ?? deps.env['COSIGN_PKCS11_MODULE_PATH'];
  if (path === undefined || !isAbsolute(path)) {
    throw new SigningError(
      'KEY_UNAVAILABLE',
      'Name the PKCS#11 module by its whole path, in module-path or COSIGN_PKCS11_MODULE_PATH',
    );
  }
  const make = await loadPkcs11(deps);
  const use = <Result>(pin: string | undefined, act: (token: Token) => Result): Result =>
    useToken(make, path, reference, pin, act);

  // Most tokens show public keys to anyone: who only verifies needs no PIN.
  const { shown, needsLogin } = use(undefined, (token) => ({ shown: token.publicKey(), needsLogin: token.needsLogin }));
  const spki = shown ?? use(needsLogin ? await pinOf(reference, deps) : undefined, (token) => token.publicKey());
  if (spki === undefined) throw new SigningError('KEY_UNAVAILABLE', `${service} has no public key of that id or label`);
  const publicKey = readFetchedKey(spki, service);
  const { type } = publicKey;
  const hash = defaultHash[type];
  const signer = remoteSigner({
    service,
    publicKey,
    hash,
    async sign(input, signal) {
      const pin = needsLogin ? await pinOf(reference, deps) : undefined;
      signal?.throwIfAborted();
      return use(pin, (token) => {
        if (type === 'ed25519') return token.sign(mechanisms.eddsa, input);
        if (type === 'rsa') return token.sign(mechanisms.rsa, encodeDigestInfo({ algorithm: hash, value: input }));
        return encodeEcdsaSignature(token.sign(mechanisms.ecdsa, input));
      });
    },
  });
  return { publicKeys: [publicKey], signer };
}

async function pinOf({ pin, pinSource }: Pkcs11Reference, deps: KeyDeps): Promise<string> {
  if (pin !== undefined) return pin;
  if (pinSource !== undefined) return (await readText(deps, pinSource, 'The file with the PIN')).replace(/\r?\n$/, '');
  const set = deps.env['COSIGN_PKCS11_PIN'];
  if (set !== undefined && set !== '') return set;
  const asked = await deps.password();
  try {
    return asked.toString('utf8');
  } finally {
    asked.fill(0);
  }
}
