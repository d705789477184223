import type { ClusterInventory } from '../../cluster/model.ts';
import type { RunningImage } from '../../cluster/running-images.ts';
import type { ImageFailure } from '../../cluster/scan/model.ts';
import { scanImages } from '../../cluster/scan/scan-images.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Clock } from '../../net/clock.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import type { Lookup } from '../lookup.ts';
import { imageTitle } from './find-hits.ts';
import { encodeRecord } from './image-record.ts';
import { openScanner } from './open-scanner.ts';
import { usualWidth } from './usual-width.ts';

/** Where SBOMs are looked for, and what becomes of them. */
export interface StoredSbomSearch {
  readonly inventory: Pick<ClusterInventory, 'workloads'>;
  /** Looks up flaws; undefined where nobody asks for any. */
  readonly lookup: Pick<Lookup, 'report'> | undefined;
  readonly keep: (digest: Digest, platform: string, record: Buffer) => Promise<void>;
  /** Reads pull secrets; undefined where none are to be read. */
  readonly secrets: Pick<KubernetesClient, 'get'> | undefined;
  readonly registryRate: readonly string[];
  /** What is meant where no node tells its platform. */
  readonly platform: string;
  readonly clock: Clock;
  /** Ends the search: what was found counts. */
  readonly deadline: AbortSignal;
}

/** An image of which a registry gave no SBOM that counts. */
export interface UnreadImage {
  readonly image: string;
  readonly failure: ImageFailure;
}

/**
 * Looks for the SBOMs of images in the registries that they come from, as `--sbom-key` says whose count, and keeps what they say. No layer
 * is read. Registries are asked in their turn and no more often than they like, as for a scan.
 *
 * @returns those of which there is none, or of which it is not known, each with the reason
 * @throws ConfigError, SigningError for a key that cannot be loaded; the host's signal's reason
 */
export async function recordStoredSboms(
  images: readonly RunningImage[],
  { inventory, lookup, keep, secrets, registryRate, platform, clock, deadline }: StoredSbomSearch,
  settings: Settings,
  host: Host,
): Promise<readonly UnreadImage[]> {
  // What is told is who is hit, and not of each image whose word it was.
  const searching = { ...settings, sbomOnly: true, quiet: true };
  await using opened = await openScanner<void>(
    {
      secrets,
      registryRate,
      platform,
      clock,
      signal: deadline,
      reduce: async (read, { digest, platform: wanted }) => {
        const report = lookup?.report(read) ?? { ...read, findings: [], problems: read.inventory.problems };
        await keep(digest, wanted, await encodeRecord(report));
      },
    },
    searching,
    host,
  );
  const found = await scanImages(inventory, {
    images,
    scanner: opened.scanner,
    width: settings.parallel === 0 ? usualWidth : settings.parallel,
    clock,
    deadline,
    signal: host.signal,
    heldUntil: opened.heldUntil,
  });
  return found.flatMap(({ image, state, failure, platforms }) => {
    const failures = platforms.flatMap((each) => (each.state === 'failed' ? [each.failure] : []));
    const first = failure ?? failures[0] ?? (state === 'left' ? late : undefined);
    return first === undefined ? [] : [{ image: imageTitle(image), failure: first }];
  });
}

const late: ImageFailure = { code: 'TIMEOUT', message: 'The time was over; allow more with --timeout' };
