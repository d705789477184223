import { CodecError } from '../../codec/error.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import type { Digest } from '../../oci/digest.ts';
import { VerificationError } from '../verify/verification-error.ts';

/** What cosign's older signatures sign: that a name stands for an image (containers/image, containers-signature(5); cosign, SIGNATURE_SPEC.md). */
export interface SimpleSigning {
  /** The repository; skopeo adds the tag. */
  readonly reference: string;
  readonly digest: string;
  /** Texts only: what else stands there is nobody's promise. */
  readonly annotations: ReadonlyMap<string, string>;
  /** The whole document, for those who print it. */
  readonly document: unknown;
}

const signatureType = 'cosign container image signature';

/** Writes the payload: compact, names in cosign's order. */
export function buildSimpleSigning(
  reference: string,
  digest: Digest,
  annotations: ReadonlyMap<string, string>,
): Buffer {
  return Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': reference },
        image: { 'docker-manifest-digest': digest },
        type: signatureType,
      },
      optional: annotations.size === 0 ? null : Object.fromEntries(annotations),
    }),
  );
}

/**
 * Reads a payload. Names are taken letter by letter: Go's readers take `Docker-Manifest-Digest` too, so that two of them
 * could see two digests.
 *
 * @throws VerificationError SIGNATURE_MALFORMED
 */
export function parseSimpleSigning(payload: Uint8Array): SimpleSigning {
  let document: unknown;
  try {
    document = parseStrictJson(payload);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw malformed(error.message, error);
  }
  const critical = objectIn(document, 'critical');
  const reference = objectIn(critical, 'identity')['docker-reference'];
  const digest = objectIn(critical, 'image')['docker-manifest-digest'];
  if (typeof digest !== 'string' || digest === '') throw malformed('it names no image');
  if (critical['type'] !== signatureType) throw malformed(`it is no "${signatureType}"`);
  refuseOtherSpelling(critical, ['identity', 'image', 'type']);
  refuseOtherSpelling(objectIn(critical, 'image'), ['docker-manifest-digest']);
  const optional = (document as { readonly optional?: unknown }).optional ?? {};
  if (typeof optional !== 'object' || optional === null) throw malformed('its annotations are no object');
  const texts = Object.entries(optional).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return {
    reference: typeof reference === 'string' ? reference : '',
    digest,
    annotations: new Map(texts),
    document,
  };
}

type Fields = Readonly<Record<string, unknown>>;

function objectIn(parent: unknown, name: string): Fields {
  const value =
    typeof parent === 'object' && parent !== null && Object.hasOwn(parent, name) ? (parent as Fields)[name] : undefined;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw malformed(`it has no "${name}"`);
}

function refuseOtherSpelling(object: Fields, names: readonly string[]): void {
  const other = Object.keys(object).find((key) => !names.includes(key) && names.includes(key.toLowerCase()));
  if (other !== undefined) throw malformed(`it has "${other.slice(0, 60)}", which readers take for different things`);
}

function malformed(why: string, cause?: unknown): VerificationError {
  const options = cause === undefined ? undefined : { cause };
  const message = `The signed payload cannot be read: ${why}`;
  return new VerificationError('SIGNATURE_MALFORMED', message, { check: 'subject' }, options);
}
