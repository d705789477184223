import { createHash } from 'node:crypto';
import { formatPem } from '../../codec/pem/pem.ts';
import { canonicalTufJson } from '../json/canonical.ts';
import type { JsonObject } from '../json/fields.ts';
import { type DevKey, signWith } from '../key/dev-key.ts';

/** The four roles of a repository (TUF specification, 2.1). */
export type TufRole = 'root' | 'targets' | 'snapshot' | 'timestamp';

/** The key of each role. */
export type TufKeys = Readonly<Record<TufRole, DevKey>>;

/** Signs a document of a role (TUF specification, 4.2.1), in indented JSON. */
export function signMetadata(signed: JsonObject, key: DevKey, signingKey: DevKey = key): Buffer {
  const sig = signWith(signingKey, Buffer.from(canonicalTufJson(signed))).toString('hex');
  return Buffer.from(`${JSON.stringify({ signatures: [{ keyid: tufKeyId(key), sig }], signed }, null, 2)}\n`);
}

/** What all documents begin with. Times have no fractions (4.2.2). */
export function headOf(role: TufRole, version: number, expires: Date): JsonObject {
  return { _type: role, spec_version: '1.0.31', version, expires: expires.toISOString().replace(/\.\d+Z$/, 'Z') };
}

/** A key as the root lists it (4.2.1). */
export function tufKey({ spki }: DevKey): JsonObject {
  const keyval = { public: formatPem({ label: 'PUBLIC KEY', bytes: spki }) };
  return { keytype: 'ecdsa', scheme: 'ecdsa-sha2-nistp256', keyval };
}

/** SHA-256 of the key in canonical JSON (4.2.1). */
export function tufKeyId(key: DevKey): string {
  return createHash('sha256')
    .update(canonicalTufJson(tufKey(key)))
    .digest('hex');
}

/** The length and hash by which one document names another. */
export function fileOf(bytes: Buffer): JsonObject {
  return { length: bytes.length, hashes: { sha256: createHash('sha256').update(bytes).digest('hex') } };
}
