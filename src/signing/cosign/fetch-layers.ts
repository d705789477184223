import { mapBounded } from '../../base/concurrency.ts';
import { fetchBlob } from '../../oci/client/fetch-blob.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { OciError } from '../../oci/error.ts';
import { SigningError } from '../error.ts';
import { signingLimits } from '../limits.ts';
import { isOwnFault } from './look-up.ts';
import { fetchWidth } from './read-referrers.ts';

/** A layer's bytes, or why they cannot be had. */
export type FetchedLayer = { readonly bytes: Buffer } | { readonly error: OciError };

/** How many bytes of layers may still be fetched, where several looks share what one image may cost. */
export interface LayerBudget {
  left: number;
}

/** A budget of its own: what one image may cost. */
export function newBudget(): LayerBudget {
  return { left: signingLimits.attachmentsBytes };
}

/**
 * Fetches layers whole, in their order, each checked against digest and size. What they claim to hold is bounded before
 * a byte is asked for. Signatures of the older layout share a payload, which is fetched once.
 *
 * @throws SigningError LIMIT_EXCEEDED for all together; OciError, NetError when the registry could not be asked
 */
export async function fetchLayers(
  { client, repository }: RemoteRepository,
  layers: readonly Descriptor[],
  signal: AbortSignal | undefined,
  budget: LayerBudget = newBudget(),
): Promise<FetchedLayer[]> {
  const { attachmentBytes, attachmentsBytes } = signingLimits;
  const total = layers.reduce((sum, { size }) => sum + (size > attachmentBytes ? 0 : size), 0);
  if (total > budget.left) {
    const sentence = `What is attached has ${total} bytes and more, where ${attachmentsBytes} are read of one image`;
    throw new SigningError('LIMIT_EXCEEDED', sentence);
  }
  budget.left -= total;
  const distinct = new Map(layers.map((layer) => [keyOf(layer), layer]));
  const fetched = await mapBounded([...distinct], fetchWidth, async ([key, layer]): Promise<[string, FetchedLayer]> => {
    try {
      if (layer.size > attachmentBytes) {
        const sentence = `${layer.digest} claims ${layer.size} bytes, more than the ${attachmentBytes} that are read`;
        throw new OciError('LIMIT_EXCEEDED', sentence);
      }
      const chunks: Uint8Array[] = [];
      for await (const chunk of fetchBlob(client, repository, layer, signal)) chunks.push(chunk);
      return [key, { bytes: chunks.length === 1 ? Buffer.from(chunks[0] as Uint8Array) : Buffer.concat(chunks) }];
    } catch (error) {
      if (!isOwnFault(error)) throw error;
      return [key, { error }];
    }
  });
  const byKey = new Map(fetched);
  return layers.map((layer) => byKey.get(keyOf(layer)) as FetchedLayer);
}

/** Who claims another size for the same digest asks for something else. */
function keyOf({ digest, size }: Descriptor): string {
  return `${size} ${digest}`;
}
