import { createHash } from 'node:crypto';
import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { readFulcioExtensions } from '../../signing/certificate/fulcio-extensions.ts';
import { parseCertificate } from '../../signing/certificate/parse.ts';
import { readSubjectAlternativeNames } from '../../signing/certificate/subject-alternative-names.ts';
import type { SignedEntity } from '../../signing/entity.ts';
import { parseTimestamp } from '../../signing/timestamp/parse.ts';

/** What a signature claims, in plain words and without judging: what cannot be read is said to be so. */
export function describeEntity({ mediaType, material, logEntries, timestamps, content }: SignedEntity): unknown {
  return {
    verified: false,
    mediaType: mediaType ?? null,
    signer:
      material.kind === 'public-key'
        ? { keyHint: material.hint ?? null }
        : { certificates: material.certificates.map((der) => attempt(() => describeCertificate(der))) },
    content:
      content.kind === 'message'
        ? {
            kind: 'signature over bytes',
            digest:
              content.digest === undefined
                ? null
                : `${content.digest.algorithm}:${content.digest.value.toString('hex')}`,
          }
        : {
            kind: 'signed statement',
            payloadType: content.payloadType,
            payload: attempt(() => parseStrictJson(content.payload)),
          },
    logEntries: logEntries.map(({ logIndex, logId, kind, version, integratedTime, promise, proof }) => ({
      index: logIndex.toString(),
      logId: logId.toString('hex'),
      kind: `${kind} ${version}`,
      time: integratedTime === 0n ? null : timeOf(integratedTime),
      promise: promise !== undefined,
      proof: proof === undefined ? null : { treeSize: proof.treeSize.toString(), checkpoint: proof.checkpoint ?? null },
    })),
    timestamps: timestamps.map((bytes) => attempt(() => parseTimestamp(bytes).info.time)),
  };
}

function describeCertificate(der: Buffer): unknown {
  const certificate = parseCertificate(der);
  return {
    sha256: createHash('sha256').update(der).digest('hex'),
    names: readSubjectAlternativeNames(certificate).map(({ kind, value }) => ({ kind, value })),
    claims: readFulcioExtensions(certificate).claims,
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    key: certificate.publicKey.type,
  };
}

function timeOf(seconds: bigint): string {
  const time = new Date(Number(seconds) * 1000);
  return Number.isNaN(time.getTime()) ? seconds.toString() : time.toISOString();
}

function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return { unreadable: error.message };
  }
}
