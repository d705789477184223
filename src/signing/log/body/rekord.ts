import type { JsonObject } from '../../../oci/json.ts';
import { bytesIn, objectIn, textIn, unsupported } from '../fields.ts';
import { foreignText } from '../foreign-text.ts';
import type { LogEntryBody } from './body.ts';
import { hexDigestIn } from './digest.ts';
import { pemVerifierIn } from './verifier.ts';

/** Reads the `spec` of `rekord` 0.0.1: the log saw the bytes and made their digest. Only X.509 signatures. @throws CodecError */
export function readRekord1(spec: JsonObject): Pick<LogEntryBody, 'subject' | 'signatures'> {
  const signature = objectIn(spec, 'signature');
  const format = textIn(signature, 'format');
  if (format !== 'x509') throw unsupported(`it has a signature of format "${foreignText(format)}"`);
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
