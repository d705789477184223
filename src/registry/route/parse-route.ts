import { limits } from '../limits.ts';
import { RegistryError } from '../error.ts';
import { checkDigest, checkName, checkReference, isUploadId } from './names.ts';
import type { Route } from './route.ts';

/**
 * Reads the path of a request (distribution-spec, "Endpoints"). A name may itself hold words of the API, such as
 * `blobs`, so paths are read from their end.
 *
 * @param path without the query, as it came
 * @returns undefined for what is no path of the API
 * @throws RegistryError NAME_INVALID, DIGEST_INVALID, MANIFEST_INVALID, BLOB_UPLOAD_UNKNOWN
 */
export function parseRoute(path: string): Route | undefined {
  if (path === '/v2/' || path === '/v2') return { kind: 'base' };
  if (!path.startsWith('/v2/') || path.length > limits.urlLength) return undefined;
  const decoded = path.includes('%') ? decodePath(path) : path;
  if (decoded === '/v2/_catalog') return { kind: 'catalog' };
  const last = decoded.lastIndexOf('/');
  const reference = decoded.slice(last + 1);
  const before = decoded.slice(0, last);
  const word = before.slice(before.lastIndexOf('/') + 1);
  const name = before.slice('/v2/'.length, -word.length - 1);
  switch (word) {
    case 'manifests':
      return { kind: 'manifest', repository: checkName(name), ...checkReference(reference) };
    case 'blobs':
      return reference === 'uploads'
        ? { kind: 'uploads', repository: checkName(name) }
        : { kind: 'blob', repository: checkName(name), digest: checkDigest(reference) };
    case 'uploads':
      return name.endsWith('/blobs') ? uploadRoute(name.slice(0, -'/blobs'.length), reference) : undefined;
    case 'tags':
      return reference === 'list' ? { kind: 'tags', repository: checkName(name) } : undefined;
    case 'referrers':
      return { kind: 'referrers', repository: checkName(name), digest: checkDigest(reference) };
    default:
      return undefined;
  }
}

function uploadRoute(name: string, id: string): Route {
  const repository = checkName(name);
  if (id === '') return { kind: 'uploads', repository };
  if (!isUploadId(id)) throw new RegistryError('BLOB_UPLOAD_UNKNOWN', 'There is no such upload; begin a new one');
  return { kind: 'upload', repository, id };
}

/** Clients may encode the colon of a digest. A slash that comes out of an encoding would change what the path means. */
function decodePath(path: string): string {
  try {
    if (!/%2f|%00/i.test(path)) return decodeURIComponent(path);
  } catch {
    // Not UTF-8: as below.
  }
  throw new RegistryError('NAME_INVALID', 'The path is encoded in a way that no name, tag or digest is');
}
