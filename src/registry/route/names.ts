import { isDigest } from '../../oci/digest.ts';
import type { Digest } from '../../oci/digest.ts';
import { isTag } from '../../oci/reference.ts';
import { RegistryError } from '../error.ts';

/** Longest name of a repository: clients refuse longer ones together with a host (distribution-spec, "Pulling Manifests"). */
const longestName = 255;

/** distribution-spec, "Pulling Manifests", `<name>`. */
const namePattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

/**
 * The name of a repository.
 *
 * @throws RegistryError NAME_INVALID
 */
export function checkName(name: string): string {
  if (name.length <= longestName && namePattern.test(name)) return name;
  throw new RegistryError(
    'NAME_INVALID',
    'This is not the name of a repository; write lower-case letters and digits, parted by . _ - and /',
  );
}

/**
 * What stands behind `manifests/`: a tag or a digest.
 *
 * @throws RegistryError DIGEST_INVALID or MANIFEST_INVALID
 */
export function checkReference(text: string): { readonly tag: string } | { readonly digest: Digest } {
  if (text.includes(':')) return { digest: checkDigest(text) };
  if (isTag(text)) return { tag: text };
  throw new RegistryError(
    'MANIFEST_INVALID',
    'This is neither a tag nor a digest; a tag has at most 128 letters, digits, and . _ - behind the first',
  );
}

/**
 * A digest.
 *
 * @throws RegistryError DIGEST_INVALID
 */
export function checkDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new RegistryError('DIGEST_INVALID', 'This is not a digest; write sha256: and 64 lower-case hexadecimal digits');
}

/** What names an upload: a UUID, as this registry makes them. */
export function isUploadId(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
