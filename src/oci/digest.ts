import { OciError } from './error.ts';

/** The content address of a blob: `algorithm:hex`, checked by its grammar (OCI image-spec, descriptor.md, "Digests"). */
export type Digest = string & { readonly __brand: 'Digest' };

/** The digest of a layer's uncompressed tar (OCI image-spec, config.md, "Layer DiffID"). */
export type DiffId = Digest;

const hexLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/** True when `text` is a digest of a registered algorithm, with exactly its number of lower-case hex digits. */
export function isDigest(text: string): text is Digest {
  const match = /^([a-z0-9]+):([a-f0-9]+)$/.exec(text);
  return match !== null && hexLengths[match[1] as string] === (match[2] as string).length;
}

/**
 * Reads a digest.
 *
 * @throws OciError DIGEST_INVALID
 */
export function parseDigest(text: string): Digest {
  if (!isDigest(text)) {
    throw new OciError(
      'DIGEST_INVALID',
      `"${text.slice(0, 100)}" is not a digest; write it as sha256: and 64 lower-case hex digits`,
    );
  }
  return text;
}

/** The algorithm of a digest, as `node:crypto` names it. */
export function digestAlgorithm(digest: Digest): string {
  return digest.slice(0, digest.indexOf(':'));
}

/** The hexadecimal part of a digest. */
export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}
