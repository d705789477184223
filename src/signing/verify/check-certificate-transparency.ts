import { errorMessage } from '../../base/error.ts';
import { CodecError } from '../../codec/error.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { encodeCertificateEntry, encodePrecertificateEntry } from '../certificate/precertificate.ts';
import { isSignatureValid } from '../certificate/signature-algorithm.ts';
import {
  parseDetachedTimestamp,
  readCertificateTimestamps,
  type SignedCertificateTimestamp,
} from '../certificate/signed-certificate-timestamps.ts';
import { isWithin, type LogInstance } from '../trust/trust-material.ts';
import { VerificationError, type VerificationErrorCode } from './verification-error.ts';

/** A certificate whose chain holds, and the logs that are trusted. */
export interface CertificateTransparencyInput {
  /** As `checkCertificateChain` gives it: the leaf, its issuer, and so on. */
  readonly chain: readonly Certificate[];
  readonly ctLogs: readonly LogInstance[];
  /** Timestamps that came beside the certificate, in TLS's form or as JSON. */
  readonly detached?: readonly Uint8Array[];
  /** How many different logs must have promised to publish the certificate; one where nothing is said. */
  readonly threshold?: number;
}

/** A log that promised to publish the certificate, and when. */
export interface VerifiedCertificateTimestamp {
  readonly log: LogInstance;
  readonly time: Date;
}

/** A timestamp, and what its log signed. */
interface Candidate {
  readonly timestamp: SignedCertificateTimestamp;
  readonly entry: () => Buffer;
}

/**
 * Step 6 of a verification: trusted logs have promised to publish the certificate (RFC 6962, 3.2 and 3.3). Timestamps of
 * logs that are not trusted say nothing and are passed over; one of a trusted log that does not verify ends the check. A
 * log counts once, however many timestamps it gave (CVE-2026-49834).
 *
 * @throws VerificationError
 */
export function checkCertificateTransparency(input: CertificateTransparencyInput): VerifiedCertificateTimestamp[] {
  const { ctLogs, threshold = 1 } = input;
  const candidates = readCandidates(input);
  if (candidates.length === 0)
    throw wrong('SCT_MISSING', 'No log has promised to publish the certificate', '0', threshold);
  const byLog = new Map<string, VerifiedCertificateTimestamp>();
  let reason = '';
  for (const { timestamp, entry } of candidates) {
    const logs = ctLogs.filter(({ logId }) => logId.equals(timestamp.logId));
    const log = logs.find(({ window }) => isWithin(window, timestamp.time));
    if (log === undefined) {
      const id = timestamp.logId.toString('hex');
      reason ||= logs.length === 0 ? `; the log ${id} is not trusted` : `; the log ${id} was not trusted then`;
    } else if (
      !isSignatureValid({ kind: timestamp.algorithm, hash: 'sha256' }, log.key, entry(), timestamp.signature)
    ) {
      throw wrong('SCT_WRONG', `The log ${log.baseUrl} did not sign the promise to publish the certificate`);
    } else byLog.set(timestamp.logId.toString('hex'), { log, time: timestamp.time });
  }
  if (byLog.size < threshold) {
    throw wrong(
      'SCT_WRONG',
      `Too few trusted logs have promised to publish the certificate${reason}`,
      `${byLog.size}`,
      threshold,
    );
  }
  return [...byLog.values()];
}

function readCandidates({ chain, detached = [] }: CertificateTransparencyInput): Candidate[] {
  const [leaf, issuer] = chain;
  if (leaf === undefined) throw wrong('SCT_MISSING', 'There is no certificate that a log could publish');
  try {
    const embedded = readCertificateTimestamps(leaf).map((timestamp) => ({
      timestamp,
      entry(): Buffer {
        // A certificate that is trusted by itself has no issuer whose key the log could have signed.
        if (issuer === undefined) throw wrong('SCT_WRONG', 'The certificate has no issuer, which a log must know');
        return encodePrecertificateEntry(timestamp, leaf, issuer);
      },
    }));
    const beside = detached.map((bytes) => {
      const timestamp = parseDetachedTimestamp(bytes);
      return { timestamp, entry: () => encodeCertificateEntry(timestamp, leaf) };
    });
    return [...embedded, ...beside];
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw new VerificationError(
      'SCT_WRONG',
      `The promises to publish the certificate cannot be read: ${errorMessage(cause)}`,
      { check: 'certificate-transparency' },
      { cause },
    );
  }
}

function wrong(code: VerificationErrorCode, message: string, found?: string, threshold?: number): VerificationError {
  return new VerificationError(code, message, {
    check: 'certificate-transparency',
    ...(found === undefined ? {} : { found }),
    ...(threshold === undefined ? {} : { wanted: `at least ${threshold}` }),
  });
}
