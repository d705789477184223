import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Digest, digestAlgorithm, digestHex, isDigest, parseDigest } from '../../../oci/digest.ts';
import { markerName } from '../marker.ts';

/** Algorithms that have a folder (OCI image-spec, descriptor.md, "Registered algorithms", and sha384). */
export const algorithms: readonly string[] = ['sha256', 'sha384', 'sha512'];

/** The algorithm that nearly all blobs have. */
export const commonAlgorithm = 'sha256';

/** The names of the folders that blobs are spread over. */
export const fanOut: readonly string[] = Array.from({ length: 256 }, (_, at) => at.toString(16).padStart(2, '0'));

/** Where things lie below a blob folder. Nothing but checked digests, ids and tokens becomes a part of a path. */
export class Paths {
  readonly root: string;
  readonly marker: string;
  readonly blobs: string;
  readonly uploads: string;

  constructor(root: string) {
    this.root = root;
    this.marker = join(root, markerName);
    this.blobs = join(root, 'blobs');
    this.uploads = join(root, 'uploads');
  }

  /** The folder of a blob. @throws OciError DIGEST_INVALID */
  fanOutOf(digest: Digest): string {
    parseDigest(digest);
    return join(this.blobs, digestAlgorithm(digest), digestHex(digest).slice(0, 2));
  }

  /** The file of a blob. @throws OciError DIGEST_INVALID */
  blob(digest: Digest): string {
    return join(this.fanOutOf(digest), digestHex(digest));
  }

  upload(name: UploadName): string {
    return join(this.uploads, `${name.id}.${name.parent}.${name.token}`);
  }
}

/**
 * The name of a file of an upload. Each append gives its file a new token and remembers the one before as its parent, so a
 * record names bytes that nobody writes to any more, and what an interrupted append left behind is found by its parent.
 */
export interface UploadName {
  readonly id: string;
  readonly parent: string;
  readonly token: string;
}

/** The parent of the first file of an upload. */
export const noParent = '0';

/** A token that was never used. */
export function newToken(): string {
  return randomBytes(8).toString('hex');
}

/** Reads the name of a file in the folder of uploads; undefined when it is none of ours. */
export function parseUploadName(name: string): UploadName | undefined {
  const match = /^([a-z0-9-]{8,64})\.(0|[0-9a-f]{16})\.([0-9a-f]{16})$/.exec(name);
  if (match === null) return undefined;
  return { id: match[1] as string, parent: match[2] as string, token: match[3] as string };
}

/** The digest that a file stands for; undefined when it does not lie where its blob would. */
export function blobDigest(algorithm: string, folder: string, hex: string): Digest | undefined {
  const digest = `${algorithm}:${hex}`;
  return isDigest(digest) && hex.startsWith(folder) ? digest : undefined;
}
