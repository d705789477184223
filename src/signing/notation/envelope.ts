import { signingLimits } from '../limits.ts';
import { VerificationError } from '../verify/verification-error.ts';
import type { NotationAlgorithm } from './algorithm.ts';

/** A signature of Notary Project, whichever of the two envelopes it came in; nothing of it is verified yet. */
export interface NotationEnvelope {
  readonly format: 'jws' | 'cose';
  readonly algorithm: NotationAlgorithm;
  readonly attributes: SignedAttributes;
  /** What is signed: a document that names the artifact. */
  readonly payload: Buffer;
  /** What the signature was made over: payload and signed attributes. */
  readonly signedBytes: Buffer;
  readonly signature: Buffer;
  /** DER: the signer's first, the root last. Not signed, and trusted never for being here. */
  readonly certificates: readonly Buffer[];
  /** A `TimeStampToken` of RFC 3161 over the signature. */
  readonly timestamp?: Buffer;
  /** The program that signed, as it calls itself; nobody signed that. */
  readonly agent?: string;
}

/** signing-scheme.md: who says when a signature was made. */
export type SigningScheme = 'notary.x509' | 'notary.x509.signingAuthority';

/** What is signed beside the payload (signature-specification.md, "Signed Attributes"). */
export interface SignedAttributes {
  readonly scheme: SigningScheme;
  /** As the signer says; only that of a signing authority proves anything. */
  readonly signingTime: Date;
  /** From when on the artifact should not be used any more. */
  readonly expiry?: Date;
}

/** The media types of the two envelopes. */
export const envelopeMediaTypes = { jws: 'application/jose+json', cose: 'application/cose' } as const;

/** What a payload must call itself. */
export const payloadMediaType = 'application/vnd.cncf.notary.payload.v1+json';

/** Something breaks the format. */
export function malformed(what: string, cause?: unknown): VerificationError {
  const options = cause === undefined ? undefined : { cause };
  return new VerificationError(
    'SIGNATURE_MALFORMED',
    `The signature cannot be read: ${what}`,
    { check: 'shape' },
    options,
  );
}

/** Something is of a kind that cannot be verified here, or that nothing may be trusted by. */
export function unsupported(message: string, found?: string, wanted?: string): VerificationError {
  return new VerificationError('SIGNATURE_UNSUPPORTED', message, {
    check: 'shape',
    ...(found === undefined ? {} : { found: found.slice(0, 200) }),
    ...(wanted === undefined ? {} : { wanted }),
  });
}

/** Refuses more certificates than any honest chain has. @throws VerificationError SIGNATURE_TOO_LARGE */
export function limitChain(count: number): void {
  if (count <= signingLimits.chain) return;
  const message = `The signature has ${count} certificates, more than ${signingLimits.chain}`;
  throw new VerificationError('SIGNATURE_TOO_LARGE', message, { check: 'shape' });
}
