import { VerificationError } from '../verify/verification-error.ts';
import { envelopeMediaTypes, type NotationEnvelope, unsupported } from './envelope.ts';
import { notationLimits } from './limits.ts';
import { parseCose } from './parse-cose.ts';
import { parseJws } from './parse-jws.ts';

/**
 * Reads an envelope of either format.
 *
 * @param mediaType as the manifest calls it
 * @throws VerificationError SIGNATURE_MALFORMED, SIGNATURE_UNSUPPORTED, SIGNATURE_TOO_LARGE
 */
export function parseEnvelope(bytes: Uint8Array, mediaType: string): NotationEnvelope {
  if (bytes.length > notationLimits.envelopeBytes) throw tooLarge(bytes.length);
  if (mediaType === envelopeMediaTypes.jws) return parseJws(bytes);
  if (mediaType === envelopeMediaTypes.cose) return parseCose(bytes);
  const { jws, cose } = envelopeMediaTypes;
  throw unsupported('The signature is in a format that is not known', mediaType, `${jws}, ${cose}`);
}

/** An envelope of more bytes than any honest one has. */
export function tooLarge(bytes: number): VerificationError {
  const message = `The signature has ${bytes} bytes, more than ${notationLimits.envelopeBytes}`;
  return new VerificationError('SIGNATURE_TOO_LARGE', message, { check: 'shape' });
}
