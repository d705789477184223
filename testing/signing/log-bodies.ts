import { createHash, hash } from 'node:crypto';
import type { EnvelopeContent } from '../../src/signing/entity.ts';
import type { HashAlgorithm } from '../../src/signing/key/key-type.ts';

/** Whose signature is logged; DER. */
export type Verifier =
  | { readonly kind: 'certificate'; readonly der: Buffer }
  | { readonly kind: 'public-key'; readonly spki: Buffer };

/** A signature over bytes, as a log is told of it. */
export interface LoggedMessage {
  readonly digest: Buffer;
  readonly algorithm?: HashAlgorithm;
  readonly signature: Buffer;
  readonly verifier: Verifier;
}

/** An envelope, as a log is told of it. */
export interface LoggedEnvelope {
  readonly envelope: EnvelopeContent;
  /** What the log was sent. */
  readonly json?: string;
  readonly verifier: Verifier;
}

/** `hashedrekord` 0.0.1 of Rekor v1. */
export function hashedRekord1({ digest, algorithm = 'sha256', signature, verifier }: LoggedMessage): Buffer {
  return canonical('hashedrekord', '0.0.1', {
    data: { hash: { algorithm, value: digest.toString('hex') } },
    signature: { content: base64(signature), publicKey: { content: pem64(verifier) } },
  });
}

/** `hashedrekord` 0.0.2 of Rekor v2. */
export function hashedRekord2({ digest, algorithm = 'sha256', signature, verifier }: LoggedMessage): Buffer {
  return canonical('hashedrekord', '0.0.2', {
    hashedRekordV002: {
      data: { algorithm: protobufName(algorithm), digest: base64(digest) },
      signature: { content: base64(signature), verifier: protobufVerifier(verifier) },
    },
  });
}

/** `rekord` 0.0.1 of Rekor v1. */
export function rekord1({ digest, algorithm = 'sha256', signature, verifier }: LoggedMessage): Buffer {
  return canonical('rekord', '0.0.1', {
    data: { hash: { algorithm, value: digest.toString('hex') } },
    signature: { content: base64(signature), format: 'x509', publicKey: { content: pem64(verifier) } },
  });
}

/** `dsse` 0.0.1 of Rekor v1. */
export function dsse1({ envelope, json = envelopeJson(envelope), verifier }: LoggedEnvelope): Buffer {
  return canonical('dsse', '0.0.1', {
    envelopeHash: { algorithm: 'sha256', value: hash('sha256', json) },
    payloadHash: { algorithm: 'sha256', value: createHash('sha256').update(envelope.payload).digest('hex') },
    signatures: [{ signature: base64(envelope.signature), verifier: pem64(verifier) }],
  });
}

/** `dsse` 0.0.2, which Rekor v2 took for a year. */
export function dsse2({ envelope, verifier }: LoggedEnvelope): Buffer {
  return canonical('dsse', '0.0.2', {
    dsseV002: {
      payloadHash: { algorithm: 'SHA2_256', digest: createHash('sha256').update(envelope.payload).digest('base64') },
      signatures: [{ content: base64(envelope.signature), verifier: protobufVerifier(verifier) }],
    },
  });
}

/** `intoto` 0.0.1 of Rekor v1, without any signature. */
export function intoto1({ envelope, json = envelopeJson(envelope), verifier }: LoggedEnvelope): Buffer {
  return canonical('intoto', '0.0.1', {
    content: {
      hash: { algorithm: 'sha256', value: hash('sha256', json) },
      payloadHash: { algorithm: 'sha256', value: createHash('sha256').update(envelope.payload).digest('hex') },
    },
    publicKey: pem64(verifier),
  });
}

/** `intoto` 0.0.2 of Rekor v1: the payload is dropped, signatures are in base64 twice. */
export function intoto2({ envelope, verifier }: LoggedEnvelope): Buffer {
  return canonical('intoto', '0.0.2', {
    content: {
      envelope: {
        payloadType: envelope.payloadType,
        signatures: [{ publicKey: pem64(verifier), sig: base64(Buffer.from(base64(envelope.signature))) }],
      },
      hash: { algorithm: 'sha256', value: hash('sha256', 'whatever the client says') },
      payloadHash: { algorithm: 'sha256', value: createHash('sha256').update(envelope.payload).digest('hex') },
    },
  });
}

/** An envelope as cosign writes it. */
export function envelopeJson({ payloadType, payload, signature, keyId = '' }: EnvelopeContent): string {
  const signatures = [{ keyid: keyId, sig: base64(signature) }];
  return JSON.stringify({ payloadType, payload: base64(payload), signatures });
}

/** A certificate or key in PEM. */
export function pemOf(verifier: Verifier): string {
  const [label, der] = verifier.kind === 'certificate' ? ['CERTIFICATE', verifier.der] : ['PUBLIC KEY', verifier.spki];
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** A canonical entry, as a log writes it. */
export function canonical(kind: string, apiVersion: string, spec: object): Buffer {
  return Buffer.from(JSON.stringify(sorted({ apiVersion, kind, spec })));
}

/** RFC 8785 for what has texts only. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, one]) => [name, sorted(one)]));
}

function protobufVerifier(verifier: Verifier): object {
  const keyDetails = 'PKIX_ECDSA_P256_SHA_256';
  return verifier.kind === 'certificate'
    ? { keyDetails, x509Certificate: { rawBytes: base64(verifier.der) } }
    : { keyDetails, publicKey: { rawBytes: base64(verifier.spki) } };
}

function protobufName(algorithm: HashAlgorithm): string {
  return `SHA2_${algorithm.slice(3)}`;
}

function pem64(verifier: Verifier): string {
  return Buffer.from(pemOf(verifier)).toString('base64');
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64');
}
