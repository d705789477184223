import { parsePem } from '../../../codec/pem/pem.ts';
import type { JsonObject } from '../../../oci/json.ts';
import { signingLimits } from '../../limits.ts';
import { bytesIn, malformed, objectIn, optionalObjectIn, textIn } from '../fields.ts';
import type { LoggedVerifier } from './body.ts';

/** A key, or a certificate that its issuers may follow, in base64 of PEM as Rekor v1 keeps them. @throws CodecError */
export function pemVerifierIn(parent: JsonObject, name: string): LoggedVerifier {
  const [first, ...rest] = parsePem(bytesIn(parent, name).toString('latin1'));
  if (first?.label === 'PUBLIC KEY' && rest.length === 0) return { kind: 'public-key', spki: first.bytes };
  const chained = rest.length < signingLimits.chain && rest.every(({ label }) => label === 'CERTIFICATE');
  if (first?.label !== 'CERTIFICATE' || !chained) throw malformed(`${name} is neither a key nor a certificate`);
  return { kind: 'certificate', der: first.bytes };
}

/** A key or certificate as Rekor v2 keeps them: exactly one of the two. @throws CodecError */
export function protobufVerifierIn(parent: JsonObject, name: string): LoggedVerifier {
  const verifier = objectIn(parent, name);
  // How the log verified; how it is verified here follows from the key itself.
  textIn(verifier, 'keyDetails');
  const key = optionalObjectIn(verifier, 'publicKey');
  const certificate = optionalObjectIn(verifier, 'x509Certificate');
  if (key !== undefined && certificate === undefined) return { kind: 'public-key', spki: bytesIn(key, 'rawBytes') };
  if (key !== undefined || certificate === undefined) throw malformed(`${name} is not one key or one certificate`);
  return { kind: 'certificate', der: bytesIn(certificate, 'rawBytes') };
}
