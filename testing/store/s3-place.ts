import { randomBytes } from 'node:crypto';
import type { Network } from '../../src/net/network.ts';
import type { AwsCredentials } from '../../src/net/sigv4.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { S3Client } from '../../src/store/blob/s3/client.ts';
import { Keys } from '../../src/store/blob/s3/keys.ts';
import { listMultiparts } from '../../src/store/blob/s3/multipart.ts';
import { copyObject, getWhole, listObjects, putObject } from '../../src/store/blob/s3/objects.ts';
import { openS3BlobStore } from '../../src/store/blob/s3/open.ts';
import { listAll } from './blob-data.ts';
import type { BlobPlace } from './blob-place.ts';

/** A bucket of a running store. */
export interface S3Bucket {
  readonly network: Network;
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly credentials: AwsCredentials;
}

/** A client for what the driver itself never does. */
export function clientOf({ endpoint, credentials, ...rest }: S3Bucket): S3Client {
  const url = new URL(endpoint);
  return new S3Client({
    ...rest,
    endpoint: url,
    publicEndpoint: url,
    addressing: 'path',
    credentials: () => Promise.resolve(credentials),
  });
}

/** Copies all objects of a prefix to another, as tools for buckets do; gives their number. */
export async function copyPrefix(bucket: S3Bucket, from: string, to: string): Promise<number> {
  const client = clientOf(bucket);
  const keys = (await listAll(listObjects(client, from))).map(({ key }) => key);
  for (const key of keys) await copyObject(client, key, `${to}${key.slice(from.length)}`);
  return keys.length;
}

/** An empty place under a prefix of its own, in any store. Its parts are as small as they may be. */
export function makeS3Place(bucket: S3Bucket): BlobPlace {
  const keys = new Keys(`team/${randomBytes(6).toString('hex')}/`);
  const client = clientOf(bucket);
  return {
    open: () => openS3BlobStore({ ...bucket, prefix: keys.prefix, partBytes: 5 * 1024 * 1024 }),
    async truncate(digest: Digest, size: number) {
      const bytes = await getWhole(client, keys.blob(digest), 2 ** 30);
      if (bytes !== undefined) await putObject(client, keys.blob(digest), [bytes.subarray(0, size)]);
    },
    async litter() {
      const hex = 'a'.repeat(64);
      const names = ['README', 'sha256/README', `sha256/${hex}/x`, `md5/${hex.slice(32)}`, `sha256/${hex.slice(1)}`];
      const bytes = [Buffer.from('not a blob')];
      for (const name of [...names, `sha512/${hex}`]) await putObject(client, `${keys.blobs}${name}`, bytes);
      await putObject(client, `${keys.uploads}README`, bytes);
      await putObject(client, `${keys.prefix}elsewhere/blobs/sha256/${hex}`, bytes);
    },
    async leftovers() {
      const objects = await listAll(listObjects(client, keys.uploads));
      const pending = await listAll(listMultiparts(client, keys.prefix));
      return [...objects, ...pending].map(({ key }) => key);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
