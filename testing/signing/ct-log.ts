import { createHash, sign } from 'node:crypto';
import { readPublicKey } from '../../src/signing/key/read-public-key.ts';
import type { LogInstance } from '../../src/signing/trust/trust-material.ts';
import { makeKeys, spkiOf, testTime, type TestKeyType } from './certificate-maker.ts';

/** A log that promises to publish certificates and publishes none (RFC 6962, 3.2). */
export interface FakeCtLog {
  /** As a trusted root lists it. */
  readonly instance: LogInstance;
  /** A timestamp over the certificate as it is before timestamps are in it. */
  signPrecertificate(tbs: Buffer, issuerSpki: Buffer): Buffer;
  /** A timestamp over a finished certificate. */
  signCertificate(der: Buffer): Buffer;
}

/** How a log differs from an honest one. */
export interface CtLogParts {
  readonly keyType?: TestKeyType;
  readonly time?: Date;
  readonly extensions?: Buffer;
  readonly version?: number;
  /** Hash and signature algorithm as TLS numbers them. */
  readonly algorithm?: readonly [number, number];
}

/** Opens a log under a name. */
export function makeCtLog(name: string, parts: CtLogParts = {}): FakeCtLog {
  const { keyType = 'P-256', time = testTime, extensions = Buffer.alloc(0), version = 0 } = parts;
  const keys = makeKeys(keyType);
  const key = readPublicKey(spkiOf(keys));
  const logId = createHash('sha256').update(key.spki).digest();
  const algorithm = parts.algorithm ?? [4, keyType === 'rsa' ? 1 : 3];
  const stamp = (type: number, entry: Buffer): Buffer => {
    const date = Buffer.alloc(8);
    date.writeBigUInt64BE(BigInt(time.getTime()));
    const signed = Buffer.concat([
      Buffer.from([version, 0]),
      date,
      Buffer.from([0, type]),
      entry,
      vector(extensions, 2),
    ]);
    const signature = sign('sha256', signed, keys.privateKey);
    return Buffer.concat([
      Buffer.from([version]),
      logId,
      date,
      vector(extensions, 2),
      Buffer.from(algorithm),
      vector(signature, 2),
    ]);
  };
  return {
    instance: {
      baseUrl: `https://${name}.example.com`,
      logId,
      key,
      window: { start: new Date('2020-01-01T00:00:00Z') },
    },
    signPrecertificate: (tbs, issuerSpki) =>
      stamp(1, Buffer.concat([createHash('sha256').update(issuerSpki).digest(), vector(tbs, 3)])),
    signCertificate: (der) => stamp(0, vector(der, 3)),
  };
}

function vector(bytes: Buffer, octets: number): Buffer {
  const length = Buffer.alloc(octets);
  length.writeUIntBE(bytes.length, 0, octets);
  return Buffer.concat([length, bytes]);
}
