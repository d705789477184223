import type { Digest } from '../../../oci/digest.ts';
import { isObject, type JsonValue, memberOf } from '../../../lang/jmespath/value.ts';
import { celValue } from '../../resource/cel/value.ts';

/** What `getImageData` gives: the parts of the name, and the documents under the names that Kyverno's policies use. */
export function imageDataValue(image: string, digest: Digest, found: JsonValue): unknown {
  const known = isObject(found) ? found : {};
  const config = memberOf(known, 'configData');
  return celValue({ ...known, image, digest, config });
}
