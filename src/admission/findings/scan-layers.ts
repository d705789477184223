import type { ResolvedVariant } from '../../evidence/image/resolve-image.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { EvidenceContent } from '../../scan/process/evidence-content.ts';
import { type LayerScan, scanRegistryImage } from '../../scan/process/scan-registry-image.ts';
import { readEvidence } from './read-evidence.ts';

/** What was found in an image, and by which state of the database. */
export interface FoundInImage {
  readonly content: EvidenceContent;
  /** Milliseconds since 1970; absent where it could not be asked. */
  readonly builtAt?: number;
}

/**
 * Reads the layers of an image, and what was found in them.
 *
 * @throws as {@link scanRegistryImage}
 */
export async function scanLayers(
  scan: LayerScan,
  remote: RemoteRepository,
  image: ResolvedVariant,
  signal: AbortSignal,
): Promise<FoundInImage> {
  const { builtAt, content } = await scanRegistryImage(scan, remote, image, signal);
  return { content: await readEvidence(content), ...(builtAt === null ? {} : { builtAt }) };
}
