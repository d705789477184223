import type { Digest } from '../../../src/oci/digest.ts';
import { digestOf, someBytes } from '../../store/blob-data.ts';

/** Few names and few blobs, so that operations meet. */
export const repositories: readonly string[] = ['app', 'base', 'team/tool'];

/** Tags of each repository. */
export const tags: readonly string[] = ['v1', 'v2', 'latest'];

/** Some small enough for the database, some not. */
const blobs: readonly Buffer[] = [0, 17, 300, 65_536, 65_537, 66_000, 70_000].map((length, at) =>
  someBytes(length, `blob ${at}`),
);

/** Their digests. */
export const blobDigests: readonly Digest[] = blobs.map((bytes) => digestOf(bytes));

/** The bytes of one of them. */
export function bytesOf(digest: Digest): Buffer {
  return blobs[blobDigests.indexOf(digest)] as Buffer;
}

/** Texts that tell manifests apart; the long one makes a manifest too large for the database. */
export const notes: readonly (string | undefined)[] = [undefined, 'one', 'two', 'x'.repeat(70_000)];
