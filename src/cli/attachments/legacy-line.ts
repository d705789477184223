import { escapeJson } from '../../base/printable-json.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { layerAnnotations } from '../../signing/cosign/annotations.ts';
import type { LegacySignature } from '../../signing/cosign/legacy-signatures.ts';

/**
 * A signature of the older layout as `cosign download signature` prints it. Of certificates it prints all that Go's type
 * has; here it is `Raw`, the DER, of which the rest can be told.
 */
export function legacyLine({ payload, annotations, entity }: LegacySignature): string {
  const [leaf = null, ...chain] = entity.material.kind === 'certificate' ? entity.material.certificates.map(raw) : [];
  return escapeJson(
    JSON.stringify({
      Base64Signature: annotations[layerAnnotations.signature] ?? '',
      Payload: payload.toString('base64'),
      Cert: leaf,
      Chain: chain.length === 0 ? null : chain,
      Bundle: jsonIn(annotations[layerAnnotations.bundle]),
      RFC3161Timestamp: jsonIn(annotations[layerAnnotations.timestamp]),
    }),
  );
}

function raw(der: Buffer): { readonly Raw: string } {
  return { Raw: der.toString('base64') };
}

/** Read before, with the signature. */
function jsonIn(text: string | undefined): unknown {
  return text ? parseStrictJson(Buffer.from(text)) : null;
}
