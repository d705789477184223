import { type Digest, isDigest } from '../../oci/digest.ts';

const grammar = /^(?<algorithm>sha\d+)-(?<hex>[a-f0-9]{64,128})(?:\.(?<suffix>\w+))?$/;

/**
 * Whether a tag belongs to another image: what is attached in cosign's older form (`sha256-….sig`), and lists of referrers
 * (distribution-spec, "Referrers Tag Schema").
 */
export function isAttachmentTag(tag: string): boolean {
  return grammar.test(tag);
}

/** The image that such a tag belongs to; undefined where the tag is too short to name it whole. */
export function subjectOf(tag: string): Digest | undefined {
  const { algorithm = '', hex = '' } = grammar.exec(tag)?.groups ?? {};
  const digest = `${algorithm}:${hex}`;
  return isDigest(digest) ? digest : undefined;
}
