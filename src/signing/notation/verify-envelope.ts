import type { Certificate } from '../certificate/certificate.ts';
import { nameOf } from '../certificate/chain-rules.ts';
import { checkAnnotations, type WantedAnnotations } from '../verify/check-annotations.ts';
import { SigningError } from '../error.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Check, VerificationError } from '../verify/verification-error.ts';
import { algorithmOf, verifyNotationSignature } from './algorithm.ts';
import { type AuthenticTime, findAuthenticTime } from './authentic-time.ts';
import { checkTrustedIdentity, checkTrustStores } from './authenticity.ts';
import { readSigningChain } from './certificate-rules.ts';
import type { NotationEnvelope } from './envelope.ts';
import { parsePayload, type TargetArtifact } from './payload.ts';
import { checkRevocation } from './revocation.ts';
import type { StatementVerification, StoreName } from './trust-policy.ts';
import type { ReadTrustStore } from './trust-stores.ts';
import type { Validation } from './verification-level.ts';

/** What a signature is verified against. */
export interface NotationPolicy {
  readonly verification: StatementVerification;
  readonly readStore: ReadTrustStore;
  /** What must be signed besides the artifact. */
  readonly annotations: WantedAnnotations;
}

/** A signature that holds, with everything that was looked at. */
export interface VerifiedNotationSignature {
  readonly envelope: NotationEnvelope;
  readonly target: TargetArtifact;
  /** The signer first, the root last. */
  readonly chain: readonly Certificate[];
  /** The trust store that vouches for the chain; absent where none does and the policy only logs that. */
  readonly store?: StoreName;
  /** The identity of the policy that matched; absent as for `store`. */
  readonly identity?: string;
  /** Absent where it is not known and the policy only logs that. */
  readonly time?: AuthenticTime;
  /** The checks that were made and passed, in order. */
  readonly passed: readonly Check[];
  /** Checks that failed and that the policy only logs. */
  readonly logged: readonly VerificationError[];
  /** What was not looked at because the policy skips it. */
  readonly waived: readonly Check[];
}

/**
 * Verifies a signature of Notary Project as its specification has it (trust-store-trust-policy.md, "Signature Verification"):
 * integrity first, then whether the trust policy trusts who signed, expiry and time; then what was signed is compared with
 * the artifact (signing-and-verification-workflow.md, "Verification Steps", 3.3). No authority is asked whether certificates
 * were revoked: those that might have been fail, unless the policy does not enforce it.
 *
 * @param artifact as it was resolved
 * @throws VerificationError by the first check that fails and that the policy enforces; SigningError TRUST_STORE_INVALID
 */
export async function verifyEnvelope(
  envelope: NotationEnvelope,
  artifact: Descriptor,
  { verification, readStore, annotations }: NotationPolicy,
  now: Date,
): Promise<VerifiedNotationSignature> {
  const chain = readSigningChain(envelope.certificates);
  checkSignature(envelope, chain[0]);
  const { attributes } = envelope;
  const results = new Results(verification);
  const store = await results.of('authenticity', 'certificate-chain', () =>
    checkTrustStores(chain, attributes.scheme, verification, readStore),
  );
  const identity = await results.of('authenticity', 'identity', () => checkTrustedIdentity(chain[0], verification));
  await results.of('expiry', 'expiry', () => checkExpiry(attributes.expiry, now));
  const time = await results.of('authenticTimestamp', 'timestamp', () =>
    findAuthenticTime({ envelope, chain, verification, readStore, now }),
  );
  const isAsked = verification.enforcement.revocation !== 'skip';
  if (isAsked) {
    const chains = time?.timestamp === undefined ? [chain] : [chain, time.timestamp.chain];
    await results.of('revocation', 'revocation', () => checkRevocation(chains));
  }
  const target = parsePayload(envelope.payload);
  checkTarget(target, artifact);
  checkAnnotations(target.annotations, annotations);
  return {
    envelope,
    target,
    chain,
    ...(store === undefined ? {} : { store }),
    ...(identity === undefined ? {} : { identity }),
    ...(time === undefined ? {} : { time }),
    passed: [
      'shape',
      'signature',
      ...results.passed,
      'subject',
      ...(annotations.size > 0 ? (['annotations'] as const) : []),
    ],
    logged: results.logged,
    waived: isAsked ? [] : ['revocation'],
  };
}

/** Runs checks and keeps what came of them: a failure ends the verification where the policy enforces the check. */
class Results {
  readonly passed: Check[] = [];
  readonly logged: VerificationError[] = [];
  readonly #verification: StatementVerification;

  constructor(verification: StatementVerification) {
    this.#verification = verification;
  }

  async of<Result>(
    validation: Validation,
    check: Check,
    run: () => Result | Promise<Result>,
  ): Promise<Result | undefined> {
    try {
      const result = await run();
      this.passed.push(check);
      return result;
    } catch (error) {
      if (this.#verification.enforcement[validation] === 'enforce') throw error;
      if (error instanceof VerificationError) this.logged.push(error);
      else if (error instanceof SigningError && error.code === 'TRUST_STORE_INVALID') {
        this.logged.push(new VerificationError('CERTIFICATE_UNTRUSTED', error.message, { check }, { cause: error }));
      } else throw error;
      return undefined;
    }
  }
}

/** "Validate Integrity": the algorithm is the one that goes with the signer's key, and so no other can be slipped in. */
function checkSignature({ algorithm, signedBytes, signature }: NotationEnvelope, leaf: Certificate): void {
  const wanted = algorithmOf(leaf.publicKey);
  if (wanted === undefined) {
    const message = `The key of the certificate ${nameOf(leaf)} is of a kind or size that may not sign`;
    const found = `${leaf.publicKey.type}, ${leaf.publicKey.bits} bits`;
    const facts = { check: 'signature', found, wanted: 'RSA of 2048, 3072 or 4096 bits, P-256, P-384, P-521' } as const;
    throw new VerificationError('SIGNATURE_UNSUPPORTED', message, facts);
  }
  if (algorithm !== wanted) {
    const message = "The signature names another algorithm than goes with the signer's key";
    const facts = { check: 'signature', found: algorithm.name, wanted: wanted.name } as const;
    throw new VerificationError('SIGNATURE_WRONG', message, facts);
  }
  if (verifyNotationSignature(algorithm, leaf.publicKey, signedBytes, signature)) return;
  const message = 'The signature was not made with the key of its certificate, or over something else';
  throw new VerificationError('SIGNATURE_WRONG', message, { check: 'signature' });
}

/** "Validate Expiry"; "expired when the current time is greater than or equal to expiry time". */
function checkExpiry(expiry: Date | undefined, now: Date): void {
  if (expiry === undefined || now < expiry) return;
  throw new VerificationError('SIGNATURE_EXPIRED', 'The artifact should not be used any more, its signer said', {
    check: 'expiry',
    found: expiry.toISOString(),
    wanted: `later than ${now.toISOString()}`,
  });
}

function checkTarget(target: TargetArtifact, artifact: Descriptor): void {
  const { digest, size, mediaType } = artifact;
  if (target.digest === digest && target.size === size && target.mediaType === mediaType) return;
  throw new VerificationError('ARTIFACT_MISMATCH', 'The signature is of another artifact', {
    check: 'subject',
    found: `${target.digest}, ${target.size} bytes, ${target.mediaType.slice(0, 100)}`,
    wanted: `${digest}, ${size} bytes, ${mediaType}`,
  });
}
