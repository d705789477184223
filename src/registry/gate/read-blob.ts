import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Descriptor } from '../../oci/descriptor.ts';
import { digestAlgorithm } from '../../oci/digest.ts';
import { RegistryError } from '../error.ts';
import type { Origin } from '../pipeline/origin.ts';

/**
 * Reads a small blob of a repository whole, and checks it: what decides whether an image may leave is not taken on trust.
 *
 * @throws RegistryError SIZE_INVALID, DIGEST_INVALID, and as the origin
 */
export async function readSmallBlob(
  origin: Origin,
  repository: string,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  most: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const found = await origin.findBlob(repository, digest, () => signal);
  if (found.size > most || found.size !== size) {
    throw new RegistryError(
      'SIZE_INVALID',
      `The blob ${digest} has ${found.size} bytes, and its manifest says ${size}`,
    );
  }
  await using open = await found.open();
  const chunks: Buffer[] = [];
  for await (const chunk of open.read(undefined, signal)) chunks.push(Buffer.from(chunk));
  const bytes = Buffer.concat(chunks);
  const algorithm = digestAlgorithm(digest);
  if (`${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` === digest) return bytes;
  throw new RegistryError('DIGEST_INVALID', `The bytes of ${digest} are others than its digest says`);
}
