import { BoundedCalls } from '../../../base/concurrency.ts';
import type { S3Client } from './client.ts';
import type { Keys } from './keys.ts';
import { joinWidth, memoryBytes } from './limits.ts';
import { PartMemory } from './part-memory.ts';

/** What all uploads to a bucket share. */
export interface Sending {
  readonly client: S3Client;
  readonly keys: Keys;
  readonly memory: PartMemory;
  /** For work that has the small pieces of an upload in memory. */
  readonly joins: BoundedCalls;
}

/** For one bucket. */
export function newSending(client: S3Client, keys: Keys, memory: number = memoryBytes): Sending {
  return { client, keys, memory: new PartMemory(memory), joins: new BoundedCalls(joinWidth) };
}
