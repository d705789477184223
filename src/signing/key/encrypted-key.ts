import { createPrivateKey, type KeyObject, randomBytes, scrypt } from 'node:crypto';
import { isSeaworthyError } from '../../base/error.ts';
import { decodeBase64 } from '../../codec/base64/decode.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { formatPem, parsePem } from '../../codec/pem/pem.ts';
import { asObject, type JsonObject } from '../../oci/json.ts';
import { SigningError } from '../error.ts';
import { signingLimits } from '../limits.ts';

/** What cosign writes, and what it wrote before version 2. */
const labels: ReadonlySet<string> = new Set(['ENCRYPTED SIGSTORE PRIVATE KEY', 'ENCRYPTED COSIGN PRIVATE KEY']);

/**
 * The costs that are accepted: those of cosign and of go-securesystemslib ("standard", "OWASP", "legacy"). Any other is
 * refused before any work is done, since a file could ask for hours and gigabytes.
 */
const costs: ReadonlySet<number> = new Set([32_768, 65_536, 131_072]);
const cost = 65_536;
const blockSize = 8;
const parallelization = 1;
const saltBytes = 32;
const nonceBytes = 24;
const keyBytes = 32;

/** What is inside the PEM block. */
interface Envelope {
  readonly N: number;
  readonly salt: Buffer;
  readonly nonce: Buffer;
  readonly ciphertext: Buffer;
}

/** Whether a PEM label is that of a private key as cosign encrypts it. */
export function isEncryptedLabel(label: string): boolean {
  return labels.has(label);
}

/**
 * Encrypts a private key exactly as cosign does: PKCS#8 in NaCl's secretbox under a key that scrypt makes of the password
 * (which may be empty), in JSON, in PEM.
 */
export async function encryptPrivateKey(key: KeyObject, password: Uint8Array): Promise<string> {
  const salt = randomBytes(saltBytes);
  const nonce = randomBytes(nonceBytes);
  const secret = await deriveKey(password, salt, cost);
  const plain = key.export({ type: 'pkcs8', format: 'der' });
  try {
    const { xsalsa20poly1305 } = await import('@noble/ciphers/salsa.js');
    const ciphertext = Buffer.from(xsalsa20poly1305(secret, nonce).encrypt(plain));
    const document = {
      kdf: {
        name: 'scrypt',
        params: { N: cost, r: blockSize, p: parallelization },
        salt: salt.toString('base64'),
      },
      cipher: { name: 'nacl/secretbox', nonce: nonce.toString('base64') },
      ciphertext: ciphertext.toString('base64'),
    };
    return formatPem({ label: 'ENCRYPTED SIGSTORE PRIVATE KEY', bytes: Buffer.from(JSON.stringify(document)) });
  } finally {
    secret.fill(0);
    plain.fill(0);
  }
}

/**
 * Decrypts a private key that cosign, or {@link encryptPrivateKey}, encrypted. What comes out of it never reaches an error.
 *
 * @throws SigningError KEY_INVALID, KEY_PASSWORD_WRONG
 */
export async function decryptPrivateKey(pem: string | Uint8Array, password: Uint8Array): Promise<KeyObject> {
  const { N, salt, nonce, ciphertext } = readEnvelope(pem);
  const secret = await deriveKey(password, salt, N);
  const { xsalsa20poly1305 } = await import('@noble/ciphers/salsa.js');
  let plain: Uint8Array;
  try {
    plain = xsalsa20poly1305(secret, nonce).decrypt(ciphertext);
  } catch {
    throw new SigningError('KEY_PASSWORD_WRONG', 'The password does not open the private key, or its file is damaged');
  } finally {
    secret.fill(0);
  }
  try {
    return createPrivateKey({ key: bufferOf(plain), format: 'der', type: 'pkcs8' });
  } catch {
    // OpenSSL's own words may quote what it read.
    throw invalid('what was encrypted is no PKCS#8 key');
  } finally {
    plain.fill(0);
  }
}

/** The same memory, so that overwriting it leaves no copy. */
function bufferOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function readEnvelope(pem: string | Uint8Array): Envelope {
  if (pem.length > signingLimits.keyBytes) throw invalid(`it has more than ${signingLimits.keyBytes} bytes`);
  try {
    const [block, ...more] = parsePem(typeof pem === 'string' ? pem : Buffer.from(pem).toString('latin1'));
    if (block === undefined || more.length > 0 || !isEncryptedLabel(block.label)) {
      throw invalid('it is not one PEM block ENCRYPTED SIGSTORE PRIVATE KEY; make one with import-key-pair');
    }
    return parseEnvelope(block.bytes);
  } catch (cause) {
    if (cause instanceof SigningError || !isSeaworthyError(cause)) throw cause;
    // What a codec complains of may quote the file: its code is kept, its words are not.
    throw invalid(`its encryption cannot be read (${cause.code})`);
  }
}

function parseEnvelope(bytes: Buffer): Envelope {
  const document = asObject(parseStrictJson(bytes), 'its encryption', invalid);
  const kdf = asObject(document['kdf'], 'kdf', invalid);
  const params = asObject(kdf['params'], 'kdf.params', invalid);
  const cipher = asObject(document['cipher'], 'cipher', invalid);
  if (kdf['name'] !== 'scrypt' || cipher['name'] !== 'nacl/secretbox') {
    throw invalid('it is encrypted by other means than scrypt and nacl/secretbox');
  }
  const { N, r, p } = params;
  if (typeof N !== 'number' || !costs.has(N) || r !== blockSize || p !== parallelization) {
    throw invalid('its scrypt parameters are none that cosign writes');
  }
  const salt = octets(kdf, 'salt');
  const nonce = octets(cipher, 'nonce');
  if (salt.length !== saltBytes || nonce.length !== nonceBytes) throw invalid('its salt or nonce has a wrong length');
  return { N, salt, nonce, ciphertext: octets(document, 'ciphertext') };
}

function octets(object: JsonObject, name: string): Buffer {
  const value = object[name];
  if (typeof value !== 'string') throw invalid(`${name} is not text`);
  return decodeBase64(value);
}

function deriveKey(password: Uint8Array, salt: Buffer, N: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // OpenSSL counts 128 * r * (N + p + 2) bytes, and refuses what it takes to be more than this.
    const maxmem = 128 * blockSize * (N + parallelization + 16);
    scrypt(password, salt, keyBytes, { N, r: blockSize, p: parallelization, maxmem }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function invalid(why: string): SigningError {
  return new SigningError('KEY_INVALID', `The encrypted private key cannot be read: ${why}`);
}
