import { randomBytes } from 'node:crypto';
import { type Digest, digestAlgorithm, digestHex, isDigest, parseDigest } from '../../../oci/digest.ts';
import { StoreError } from '../../error.ts';
import { markerName } from '../marker.ts';

/** Under which keys things lie. Nothing but checked digests, ids and tokens becomes a part of a key. */
export class Keys {
  readonly prefix: string;
  readonly marker: string;
  readonly blobs: string;
  readonly uploads: string;

  /** @throws StoreError STORE_SETTING_INVALID */
  constructor(prefix: string) {
    if (!/^(?:[A-Za-z0-9._-]+\/)*$/.test(prefix) || prefix.length > 512 || /(?:^|\/)\.{1,2}\//.test(prefix)) {
      const sentence = `${JSON.stringify(prefix.slice(0, 100))} is no prefix of keys; write words and end it with a slash`;
      throw new StoreError('STORE_SETTING_INVALID', sentence);
    }
    this.prefix = prefix;
    this.marker = `${prefix}${markerName}`;
    this.blobs = `${prefix}blobs/`;
    this.uploads = `${prefix}uploads/`;
  }

  /** @throws OciError DIGEST_INVALID */
  blob(digest: Digest): string {
    parseDigest(digest);
    return `${this.blobs}${digestAlgorithm(digest)}/${digestHex(digest)}`;
  }

  /** All pieces of an upload start so. The id was checked. */
  upload(id: string): string {
    return `${this.uploads}${id}/`;
  }

  piece(id: string, token: string): string {
    return `${this.upload(id)}${token}`;
  }

  /** The digest that a key stands for; undefined when it is no blob's. */
  blobDigest(key: string): Digest | undefined {
    if (!key.startsWith(this.blobs)) return undefined;
    const digest = key.slice(this.blobs.length).replace('/', ':');
    return isDigest(digest) ? digest : undefined;
  }

  /** The id of the upload that a key belongs to; undefined when it is none of ours. */
  uploadId(key: string): string | undefined {
    if (!key.startsWith(this.uploads)) return undefined;
    return /^([a-z0-9-]{8,64})\/[0-9a-f]{16}$/.exec(key.slice(this.uploads.length))?.[1];
  }
}

/** A token that was never used. */
export function newToken(): string {
  return randomBytes(8).toString('hex');
}
