import { createHash } from 'node:crypto';
import type { Digest } from '../../oci/digest.ts';
import { formatName } from '../../signing/certificate/distinguished-name.ts';
import { notationType } from '../../signing/cosign/media-types.ts';
import type { VerifiedNotationSignature } from '../../signing/notation/verify-envelope.ts';
import type { NotationVerification } from '../../signing/notation/verify-image.ts';
import type { TrustStatement } from '../../signing/notation/trust-policy.ts';
import type { VerificationError } from '../../signing/verify/verification-error.ts';
import type { ResolvedImage } from './session.ts';

/** What was found out about one image; no result where the trust policy skips it. */
export interface NotationOutcome {
  readonly image: ResolvedImage;
  readonly statement: TrustStatement;
  readonly result?: NotationVerification;
}

/** Everything that was looked at: what holds with who vouched for it, what does not and why. */
export function notationReport({ image: { name, digest }, statement, result }: NotationOutcome): unknown {
  return {
    image: name,
    digest,
    passed: result === undefined || result.verified.length > 0,
    skipped: result === undefined,
    policy: { name: statement.name, level: statement.verification?.level ?? 'skip' },
    signatures: (result?.verified ?? []).map(({ manifest, signature }) => describeVerified(manifest, signature)),
    failures: (result?.failed ?? []).map(({ manifest, error }) => ({ manifest, ...describeError(error) })),
    problems: (result?.problems ?? []).map(({ code, subject, message }) => ({ code, subject, message })),
  };
}

/** One signature that holds in the form of what `cosign verify` prints, for programs that read both. */
export function notationElement({ name, digest }: ResolvedImage, signature: VerifiedNotationSignature): unknown {
  return {
    critical: {
      identity: { 'docker-reference': name },
      image: { 'docker-manifest-digest': digest },
      type: notationType,
    },
    optional: { ...Object.fromEntries(signature.target.annotations), Subject: subjectOf(signature) },
  };
}

function describeVerified(manifest: Digest, signature: VerifiedNotationSignature): unknown {
  const { envelope, target, chain, store, identity, time, passed, logged, waived } = signature;
  const { scheme, signingTime, expiry } = envelope.attributes;
  return {
    layout: 'notation',
    manifest,
    format: envelope.format,
    algorithm: envelope.algorithm.name,
    annotations: Object.fromEntries(target.annotations),
    signer: {
      subject: subjectOf(signature),
      trustStore: store === undefined ? null : `${store.type}:${store.name}`,
      identity: identity ?? null,
      certificates: chain.map(({ der }) => createHash('sha256').update(der).digest('hex')),
    },
    scheme,
    signingTime,
    expiry: expiry ?? null,
    time:
      time === undefined
        ? null
        : { from: time.from, to: time.to, by: time.by, authority: time.timestamp?.authority ?? null },
    checks: { passed, logged: logged.map(describeError), waived },
  };
}

function describeError({ code, message, facts }: VerificationError): object {
  return { code, message, ...facts };
}

function subjectOf({ chain }: VerifiedNotationSignature): string {
  return formatName(chain[0]?.subject as Buffer);
}
