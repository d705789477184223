import { createHash } from 'node:crypto';
import type { VerificationKey } from '../key/verification-key.ts';
import type { LogInstance } from '../trust/trust-material.ts';

const ed25519Type = Buffer.from([0x01]);
const rsaType = Buffer.from('\xffPKIX-RSA-PKCS#1v1.5', 'latin1');
const ed25519Bytes = 32;
const keyIdBytes = 4;

/**
 * Whether a line of a checkpoint claims to be by a log's key: the four bytes before its signature are those that the
 * trusted root names or, where it names none, those that follow from the key.
 */
export function isKeyOf(log: LogInstance, name: string, keyId: Buffer): boolean {
  if (log.checkpointKeyId !== undefined) return log.checkpointKeyId.subarray(0, keyIdBytes).equals(keyId);
  return keyIdsOf(log.key, name).some((id) => id.equals(keyId));
}

/**
 * The ids that a key has in checkpoints: the first four bytes of the SHA-256 of its SubjectPublicKeyInfo for ECDSA keys
 * and all keys of Rekor v1; for others of the name, a line break, what kind of key it is, and the key (C2SP signed-note,
 * "Signature types"; RSA as Rekor v2 has it).
 */
function keyIdsOf({ type, spki }: VerificationKey, name: string): Buffer[] {
  const plain = sha256(spki);
  if (type === 'ed25519') {
    return [sha256(Buffer.from(`${name}\n`), ed25519Type, spki.subarray(-ed25519Bytes)), plain];
  }
  return type === 'rsa' ? [sha256(Buffer.from(`${name}\n`), rsaType, spki), plain] : [plain];
}

/**
 * Whether a checkpoint of this origin, signed under this name, can be the log's. A tiled log signs under its host, and
 * that is its origin. Rekor v1 signs under a host name that its operator sets (that of the machine by default), so the
 * name proves nothing there; its origin is the name and the number of the tree. Names are compared whole, never in part.
 */
export function isOriginOf(log: LogInstance, origin: string, name: string, tiled: boolean): boolean {
  if (tiled) return origin === name && (log.baseUrl === '' || hostsOf(log.baseUrl).includes(name));
  return origin === name || (origin.startsWith(`${name} - `) && /^[0-9]{1,20}$/.test(origin.slice(name.length + 3)));
}

/** What a log at an address may call itself: its host, with its port, and with its path. */
function hostsOf(baseUrl: string): string[] {
  const url = URL.parse(baseUrl);
  if (url === null) return [baseUrl];
  const path = url.pathname.replace(/\/+$/, '');
  return [url.hostname, url.host, `${url.hostname}${path}`, `${url.host}${path}`];
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest().subarray(0, keyIdBytes);
}
