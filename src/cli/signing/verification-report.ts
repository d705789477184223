import { createHash } from 'node:crypto';
import { keyHint } from '../../signing/key/key-hint.ts';
import type { VerifiedAttachment } from '../../signing/image/candidate.ts';
import type { FailedAttachment, ImageVerification } from '../../signing/image/verify-image.ts';
import type { VerifiedSignature } from '../../signing/verify/verified-signature.ts';
import type { ResolvedImage } from './session.ts';

/** Everything that was looked at, in our own form: what holds with who vouched for it, what does not and why. */
export function verificationReport(
  { name, digest }: Pick<ResolvedImage, 'name' | 'digest'>,
  { verified, failed, problems, signers }: ImageVerification,
  wanted: number,
): unknown {
  return {
    image: name,
    digest,
    passed: signers >= wanted,
    signers: { found: signers, wanted },
    signatures: verified.map(describeVerified),
    failures: failed.map(describeFailed),
    problems: problems.map(({ code, subject, message }) => ({ code, subject, message })),
  };
}

function describeVerified({ manifest, layout, verified }: VerifiedAttachment): unknown {
  return {
    layout,
    manifest,
    ...('statement' in verified ? { predicateType: verified.statement.predicateType } : {}),
    annotations: Object.fromEntries(
      'statement' in verified ? (verified.subject?.annotations ?? []) : verified.payload.annotations,
    ),
    ...describeSignature(verified),
  };
}

/** Who signed, when, and what was checked. */
function describeSignature(verified: VerifiedSignature): object {
  const { signer, logs, timestamps, times, passed, waived } = verified;
  return {
    signer:
      signer.kind === 'key'
        ? { key: signer.key.name, keyId: keyHint(signer.key.key), type: signer.key.key.type }
        : {
            subject: signer.identity.subject,
            issuer: signer.identity.issuer ?? null,
            claims: signer.identity.claims,
            certificates: signer.chain.map(({ der }) => createHash('sha256').update(der).digest('hex')),
            certificateTimestamps: signer.certificateTimestamps.map(({ log, time }) => ({ log: log.baseUrl, time })),
          },
    logs: logs.map(({ entry, log, time, promised, proven }) => ({
      log: log.baseUrl,
      index: entry.logIndex.toString(),
      kind: `${entry.kind} ${entry.version}`,
      time: time ?? null,
      promised,
      proven,
    })),
    timestamps: timestamps.map(({ time, authority }) => ({ time, authority })),
    times,
    checks: { passed, waived },
  };
}

function describeFailed({ manifest, layout, error }: FailedAttachment): unknown {
  return { layout, manifest, code: error.code, message: error.message, ...error.facts };
}
