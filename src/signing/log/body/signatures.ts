import { asObject, type JsonObject } from '../../../oci/json.ts';
import { listIn, malformed } from '../fields.ts';
import { logLimits } from '../limits.ts';

/** The signatures of an entry, of which there is at least one. @throws CodecError */
export function signaturesIn(parent: JsonObject): readonly JsonObject[] {
  const signatures = listIn(parent, 'signatures', logLimits.bodySignatures);
  if (signatures.length === 0) throw malformed('it has no signatures');
  return signatures.map((one) => asObject(one, 'a signature', malformed));
}
