import { CodecError } from '../../codec/error.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { parseCertificate } from '../certificate/parse.ts';
import type { SignedEntity } from '../entity.ts';
import type { HashAlgorithm } from '../key/key-type.ts';
import type { LoggedVerifier } from '../log/body/body.ts';
import { type ArtifactDigests, digestsOf } from './artifact-digests.ts';
import { checkCertificateChain, checkPinned, checkValidity } from './check-certificate-chain.ts';
import { checkCertificateTransparency } from './check-certificate-transparency.ts';
import { checkIdentity } from './check-identity.ts';
import { checkKeyWindow, keysToTry } from './check-key.ts';
import { checkLogBodies } from './check-log-bodies.ts';
import { checkLogEntries, entriesThatCount, evidenceFor } from './check-log-entries.ts';
import { checkShape, describeKeys } from './check-shape.ts';
import { checkSignature } from './check-signature.ts';
import { findTimes, type ProvenTimes } from './find-times.ts';
import type { Artifact, CertificatePolicy, KeyPolicy, VerificationPolicy } from './policy.ts';
import { VerificationError } from './verification-error.ts';
import type { VerifiedSignature, VerifiedSigner } from './verified-signature.ts';

/** All that the steps of one verification share. */
interface Work extends ProvenTimes {
  readonly entity: SignedEntity;
  readonly artifact: Artifact;
  readonly digests: ArtifactDigests;
  readonly policy: VerificationPolicy;
}

/**
 * Verifies a signature, step by step in the order of the client specification of sigstore: shape, log entries, their bodies,
 * times, certificate or key, and the signature itself, then who made it. What a statement is about and what it says is for
 * {@link verifyStatement}.
 *
 * @param now for what must not lie in the future, and for certificates where the user wants no proven time
 * @throws VerificationError by the first check that fails
 */
export async function verifyEntity(
  entity: SignedEntity,
  artifact: Artifact,
  policy: VerificationPolicy,
  now: Date,
): Promise<VerifiedSignature> {
  checkShape(entity, policy);
  const logEntries = entriesThatCount(entity.logEntries, policy);
  const logs = checkLogEntries({
    entries: logEntries,
    logs: policy.trust.logs,
    threshold: policy.logs,
    evidence: evidenceFor(entity),
    now,
  });
  const proven = findTimes(entity, logs, policy, now);
  const work: Work = { ...proven, entity: { ...entity, logEntries }, artifact, digests: digestsOf(artifact), policy };
  const signer =
    policy.signer.kind === 'key'
      ? await verifyByKey(work, policy.signer)
      : await verifyByCertificate(work, policy.signer);
  return {
    entity,
    signer,
    logs,
    timestamps: proven.timestamps,
    times: proven.times,
    passed: passedOf(work, signer),
    waived: [
      ...(policy.logs === 0 ? (['log-entry'] as const) : []),
      ...(policy.signer.kind === 'certificate' && policy.signer.scts === 0
        ? (['certificate-transparency'] as const)
        : []),
    ],
  };
}

async function verifyByKey(work: Work, { keys }: KeyPolicy): Promise<VerifiedSigner> {
  const { entity, artifact, digests } = work;
  let failure: unknown;
  for (const key of keysToTry(entity.material, keys)) {
    try {
      await checkSignature({ content: entity.content, key: key.key, artifact, digests, hash: key.hash });
      checkBodies(work, { kind: 'public-key', spki: key.key.spki });
      checkKeyWindow(key, work.times);
      return { kind: 'key', key };
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      // The failure of the key that really signed tells more than that others did not.
      if (failure === undefined || error.code !== 'SIGNATURE_WRONG') failure = error;
    }
  }
  if (failure instanceof VerificationError && failure.code === 'SIGNATURE_WRONG') {
    const message = 'The signature was not made with the key that was asked for';
    const facts = { check: 'signature', found: 'another key, or other content', wanted: describeKeys(keys) } as const;
    throw new VerificationError('SIGNATURE_WRONG', message, facts, { cause: failure });
  }
  throw failure;
}

async function verifyByCertificate(work: Work, policy: CertificatePolicy): Promise<VerifiedSigner> {
  const { entity, artifact, digests } = work;
  const { trust } = work.policy;
  const [came, ...intermediates] = certificatesOf(entity);
  const leaf = came ?? policy.leaf;
  if (leaf === undefined) throw malformed('it has no certificate');
  // "MUST NOT contain the root": sigstore_bundle.proto. Older layouts carry the whole chain.
  if (entity.format === 'bundle' && intermediates.some(({ issuer, subject }) => issuer.equals(subject))) {
    const message = 'The bundle carries a root certificate, which only the verifier may bring';
    throw new VerificationError('SIGNATURE_MALFORMED', message, { check: 'shape' });
  }
  if (policy.leaf !== undefined) checkPinned(leaf, policy.leaf);
  checkBodies(
    work,
    came === undefined ? { kind: 'public-key', spki: leaf.publicKey.spki } : { kind: 'certificate', der: leaf.der },
  );
  const chain = chainOf(leaf, intermediates, work, policy);
  const certificateTimestamps =
    policy.scts === 0
      ? []
      : checkCertificateTransparency({
          chain,
          ctLogs: trust.ctLogs,
          threshold: policy.scts,
          detached: policy.detachedScts ?? [],
        });
  await checkSignature({ content: entity.content, key: leaf.publicKey, artifact, digests });
  const identity = checkIdentity(leaf, policy);
  return { kind: 'certificate', chain, identity, certificateTimestamps };
}

function chainOf(
  leaf: Certificate,
  intermediates: readonly Certificate[],
  { times, policy: { trust, known } }: Work,
  policy: CertificatePolicy,
): readonly Certificate[] {
  // Without authorities of the user's own, what is pinned is trusted as it stands.
  if (policy.leaf !== undefined && policy.authorities === undefined) {
    checkValidity(leaf, times);
    return [leaf];
  }
  const authorities = policy.authorities ?? trust.authorities;
  const input = { leaf, intermediates, authorities, times, ...(known === undefined ? {} : { known }) };
  return checkCertificateChain(input).certificates;
}

function checkBodies({ entity: { content, logEntries, layer }, digests }: Work, verifier: LoggedVerifier): void {
  const artifactDigest = (algorithm: HashAlgorithm): Buffer | undefined => {
    const hex = digests.of(algorithm);
    return hex === undefined ? undefined : Buffer.from(hex, 'hex');
  };
  const envelope = layer === undefined ? {} : { envelopeJson: layer };
  checkLogBodies({ entries: logEntries, content, verifier, artifactDigest, ...envelope });
}

function certificatesOf({ material }: SignedEntity): Certificate[] {
  if (material.kind !== 'certificate') return [];
  try {
    return material.certificates.map((der) => parseCertificate(der));
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw malformed(cause.message, cause);
  }
}

function passedOf({ entity, timestamps }: Work, signer: VerifiedSigner): VerifiedSignature['passed'] {
  const byCertificate = signer.kind === 'certificate';
  return [
    'shape',
    ...(entity.logEntries.length > 0 ? (['log-entry', 'log-body'] as const) : []),
    ...(timestamps.length > 0 ? (['timestamp'] as const) : []),
    ...(byCertificate ? (['certificate-chain'] as const) : []),
    ...(byCertificate && signer.certificateTimestamps.length > 0 ? (['certificate-transparency'] as const) : []),
    ...(byCertificate ? [] : (['key'] as const)),
    'signature',
    ...(byCertificate ? (['identity'] as const) : []),
  ];
}

function malformed(why: string, cause?: unknown): VerificationError {
  const options = cause === undefined ? undefined : { cause };
  const facts = { check: 'certificate-chain' } as const;
  return new VerificationError('CERTIFICATE_MALFORMED', `The certificate cannot be read: ${why}`, facts, options);
}
