import { type Digest, isDigest } from '../../oci/digest.ts';
import { malformed } from './envelope.ts';
import { asFields, fieldOf, readFields, textOf } from './json.ts';

/** The artifact that a signature is of (signature-specification.md, "Payload"). */
export interface TargetArtifact {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  /** What the signer wanted to be signed too. */
  readonly annotations: ReadonlyMap<string, string>;
}

/** Reads what was signed. @throws VerificationError SIGNATURE_MALFORMED */
export function parsePayload(payload: Uint8Array): TargetArtifact {
  const document = readFields(payload, 'the payload', ['targetArtifact']);
  const target = asFields(fieldOf(document, 'targetArtifact'), 'the target artifact', [
    'mediaType',
    'digest',
    'size',
    'annotations',
  ]);
  const digest = textOf(target, 'digest');
  const size = fieldOf(target, 'size');
  const mediaType = textOf(target, 'mediaType');
  if (!isDigest(digest)) throw malformed('the target artifact has no digest');
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw malformed('the target artifact has no size');
  }
  if (mediaType === '') throw malformed('the target artifact has no media type');
  return { mediaType, digest, size, annotations: readAnnotations(fieldOf(target, 'annotations')) };
}

function readAnnotations(value: unknown): ReadonlyMap<string, string> {
  // Go writes null for a map that was never made.
  if (value === undefined || value === null) return new Map();
  const entries = Object.entries(asFields(value, 'the list of annotations', []));
  return new Map(
    entries.map(([name, text]) => {
      if (typeof text !== 'string') throw malformed(`the annotation "${name.slice(0, 60)}" is no text`);
      return [name, text];
    }),
  );
}
