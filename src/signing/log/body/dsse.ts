import type { JsonObject } from '../../../oci/json.ts';
import { bytesIn, objectIn } from '../fields.ts';
import type { LogEntryBody } from './body.ts';
import { hexDigestIn, protobufDigestIn } from './digest.ts';
import { signaturesIn } from './signatures.ts';
import { pemVerifierIn, protobufVerifierIn } from './verifier.ts';

/** Reads the `spec` of `dsse` 0.0.1: the log made both digests itself. @throws CodecError */
export function readDsse1(spec: JsonObject): Pick<LogEntryBody, 'subject' | 'signatures'> {
  return {
    subject: {
      kind: 'envelope',
      payload: hexDigestIn(spec, 'payloadHash'),
      envelope: hexDigestIn(spec, 'envelopeHash'),
    },
    signatures: signaturesIn(spec).map((one) => ({
      signature: bytesIn(one, 'signature'),
      verifier: pemVerifierIn(one, 'verifier'),
    })),
  };
}

/** Reads the `spec` of `dsse` 0.0.2, which Rekor v2 took until June 2026. @throws CodecError */
export function readDsse2(spec: JsonObject): Pick<LogEntryBody, 'subject' | 'signatures'> {
  const record = objectIn(spec, 'dsseV002');
  return {
    subject: { kind: 'envelope', payload: protobufDigestIn(record, 'payloadHash') },
    signatures: signaturesIn(record).map((one) => ({
      signature: bytesIn(one, 'content'),
      verifier: protobufVerifierIn(one, 'verifier'),
    })),
  };
}
