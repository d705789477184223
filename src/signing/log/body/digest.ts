import type { JsonObject } from '../../../oci/json.ts';
import type { HashAlgorithm } from '../../key/key-type.ts';
import { bytesIn, hexIn, malformed, objectIn, textIn, unsupported } from '../fields.ts';
import { foreignText } from '../foreign-text.ts';
import type { Digest } from './body.ts';

const digestBytes: Readonly<Record<HashAlgorithm, number>> = { sha256: 32, sha384: 48, sha512: 64 };
const protobufNames: ReadonlyMap<string, HashAlgorithm> = new Map([
  ['SHA2_256', 'sha256'],
  ['SHA2_384', 'sha384'],
  ['SHA2_512', 'sha512'],
]);

/** A digest as Rekor v1 writes it: `{"algorithm":"sha256","value":"<hex>"}`. @throws CodecError */
export function hexDigestIn(parent: JsonObject, name: string): Digest {
  const digest = objectIn(parent, name);
  const algorithm = textIn(digest, 'algorithm');
  if (!Object.hasOwn(digestBytes, algorithm)) throw unsupported(`it has a digest "${foreignText(algorithm)}"`);
  return sized(algorithm as HashAlgorithm, hexIn(digest, 'value'));
}

/** A digest as Rekor v2 writes it: `{"algorithm":"SHA2_256","digest":"<base64>"}`. @throws CodecError */
export function protobufDigestIn(parent: JsonObject, name: string): Digest {
  const digest = objectIn(parent, name);
  const label = textIn(digest, 'algorithm');
  const algorithm = protobufNames.get(label);
  if (algorithm === undefined) throw unsupported(`it has a digest "${foreignText(label)}"`);
  return sized(algorithm, bytesIn(digest, 'digest'));
}

function sized(algorithm: HashAlgorithm, value: Buffer): Digest {
  if (value.length !== digestBytes[algorithm]) throw malformed(`a ${algorithm} digest has ${value.length} bytes`);
  return { algorithm, value };
}
