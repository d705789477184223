import { StoreError } from '../../error.ts';
import type { S3Place } from './client.ts';
import { Keys } from './keys.ts';
import { defaultPartBytes, maxPartBytes, minPartBytes } from './limits.ts';
import type { S3BlobStoreOptions } from './open.ts';

/** Settings that were checked, and how the store is called in messages. */
export interface S3Settings {
  readonly place: S3Place;
  readonly keys: Keys;
  readonly partBytes: number;
  readonly name: string;
}

/** Checks how a bucket is to be used. @throws StoreError STORE_SETTING_INVALID */
export function readSettings(options: S3BlobStoreOptions): S3Settings {
  const {
    network,
    region,
    bucket,
    prefix = '',
    addressing = 'path',
    credentials,
    partBytes = defaultPartBytes,
  } = options;
  // Amazon S3, "General purpose bucket naming rules".
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) || bucket.includes('..')) {
    throw invalid(
      `${JSON.stringify(bucket.slice(0, 80))} is no name of a bucket; write 3 to 63 small letters, digits, dots and dashes`,
    );
  }
  if (!/^[a-z0-9-]{1,63}$/.test(region)) {
    throw invalid(
      `${JSON.stringify(region.slice(0, 80))} is no region; write what the store calls it, us-east-1 where it has none`,
    );
  }
  if (!Number.isSafeInteger(partBytes) || partBytes < minPartBytes || partBytes > maxPartBytes) {
    throw invalid(`parts may have from ${minPartBytes} to ${maxPartBytes} bytes; set a size between them`);
  }
  const endpoint = readEndpoint(options.endpoint);
  const publicEndpoint = options.publicEndpoint === undefined ? endpoint : readEndpoint(options.publicEndpoint);
  const keys = new Keys(prefix);
  const provider = typeof credentials === 'function' ? credentials : () => Promise.resolve(credentials);
  return {
    place: { network, endpoint, publicEndpoint, region, bucket, addressing, credentials: provider },
    keys,
    partBytes,
    name: `${endpoint.host}/${bucket}/${prefix}`,
  };
}

function readEndpoint(text: string): URL {
  const url = URL.parse(text);
  const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/';
  if (isPlain && url.search === '' && url.hash === '' && url.username === '' && url.password === '') return url;
  throw invalid(
    'the address of the object store cannot be used; write it as https://HOST or https://HOST:PORT, without a path',
  );
}

function invalid(sentence: string): StoreError {
  return new StoreError('STORE_SETTING_INVALID', sentence);
}
