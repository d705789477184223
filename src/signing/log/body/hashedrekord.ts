import type { JsonObject } from '../../../oci/json.ts';
import { bytesIn, objectIn } from '../fields.ts';
import type { LogEntryBody } from './body.ts';
import { hexDigestIn, protobufDigestIn } from './digest.ts';
import { pemVerifierIn, protobufVerifierIn } from './verifier.ts';

/** Reads the `spec` of `hashedrekord` 0.0.1, Rekor v1's entry for a signature over bytes that it never sees. @throws CodecError */
export function readHashedRekord1(spec: JsonObject): Pick<LogEntryBody, 'subject' | 'signatures'> {
  const signature = objectIn(spec, 'signature');
  return {
    subject: { kind: 'message', digest: hexDigestIn(objectIn(spec, 'data'), 'hash') },
    signatures: [
      {
        signature: bytesIn(signature, 'content'),
        verifier: pemVerifierIn(objectIn(signature, 'publicKey'), 'content'),
      },
    ],
  };
}

/** Reads the `spec` of `hashedrekord` 0.0.2, the only kind that Rekor v2 still takes. @throws CodecError */
export function readHashedRekord2(spec: JsonObject): Pick<LogEntryBody, 'subject' | 'signatures'> {
  const record = objectIn(spec, 'hashedRekordV002');
  const signature = objectIn(record, 'signature');
  return {
    subject: { kind: 'message', digest: protobufDigestIn(record, 'data') },
    signatures: [{ signature: bytesIn(signature, 'content'), verifier: protobufVerifierIn(signature, 'verifier') }],
  };
}
