import { decodeBase64 } from '../../../codec/base64/decode.ts';
import type { JsonObject } from '../../../oci/json.ts';
import { bytesIn, malformed, objectIn } from '../fields.ts';
import type { LogEntryBody } from './body.ts';
import { hexDigestIn } from './digest.ts';
import { signaturesIn } from './signatures.ts';
import { pemVerifierIn } from './verifier.ts';

/**
 * Reads the `spec` of `intoto` 0.0.1, which older attestations have. It keeps no signature; the digest of the envelope's
 * JSON, made by the log, stands for it.
 *
 * @throws CodecError
 */
export function readIntoto1(spec: JsonObject): Pick<LogEntryBody, 'subject' | 'signatures'> {
  const content = objectIn(spec, 'content');
  return {
    subject: {
      kind: 'envelope',
      payload: hexDigestIn(content, 'payloadHash'),
      envelope: hexDigestIn(content, 'hash'),
    },
    signatures: [{ verifier: pemVerifierIn(spec, 'publicKey') }],
  };
}

/**
 * Reads the `spec` of `intoto` 0.0.2. Its envelope's digest is whatever the client said and means nothing, so it is left
 * out; signatures are in base64 twice.
 *
 * @throws CodecError
 */
export function readIntoto2(spec: JsonObject): Pick<LogEntryBody, 'subject' | 'signatures'> {
  const content = objectIn(spec, 'content');
  return {
    subject: { kind: 'envelope', payload: hexDigestIn(content, 'payloadHash') },
    signatures: signaturesIn(objectIn(content, 'envelope')).map((one) => ({
      signature: twiceEncodedIn(one, 'sig'),
      verifier: pemVerifierIn(one, 'publicKey'),
    })),
  };
}

function twiceEncodedIn(parent: JsonObject, name: string): Buffer {
  const inner = bytesIn(parent, name).toString('latin1');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(inner)) throw malformed(`${name} is not in base64 twice`);
  return decodeBase64(inner);
}
