import type { Artifact, DatabaseInfo, ImageFacts, ScanReport } from '../finding/scan-report.ts';
import { matchInventory } from '../match/match-inventory.ts';
import { isEndOfLife } from '../lifecycle/support-end.ts';
import type { Image } from '../oci/image.ts';
import type { Inventory } from '../package/inventory.ts';
import type { Database } from '../vulndb/database.ts';
import { databaseGaps } from '../vulndb/database-gaps.ts';
import type { KeptImage } from './image-inventory.ts';
import { readingAnnotations } from './table/promise.ts';

/** How findings are looked up. */
export interface LookupOptions {
  readonly pkgTypes: readonly ('os' | 'library')[];
  /** The scan's time. */
  readonly now: Date;
}

/**
 * Looks up what is known of an inventory, before any filter.
 *
 * @throws VulndbError
 */
export function lookUpFindings(
  artifact: Artifact,
  inventory: Inventory,
  database: Database,
  { pkgTypes, now }: LookupOptions,
): ScanReport {
  const { findings, problems } = matchInventory(inventory, database, { pkgTypes });
  const info: DatabaseInfo = {
    builtAt: database.manifest.builtAt,
    schemaVersion: database.manifest.schemaVersion,
    ...databaseGaps(database.manifest),
  };
  const endOfLife = inventory.distro === undefined ? undefined : isEndOfLife(inventory.distro, now.getTime());
  return {
    artifact,
    inventory,
    ...(endOfLife === undefined ? {} : { endOfLife }),
    findings,
    suppressed: [],
    problems: [...inventory.problems, ...problems],
    createdAt: now.toISOString(),
    database: info,
  };
}

/** What a report says of an image besides its contents. */
export function artifactOfImage(image: Image): Artifact {
  const facts: ImageFacts = {
    imageId: image.imageId,
    ...(image.manifestDigest === undefined ? {} : { manifestDigest: image.manifestDigest }),
    platform: image.platform,
    repoTags: image.repoTags,
    repoDigests: image.repoDigests,
    layers: image.layers.map(({ diffId, descriptor }) =>
      descriptor === undefined
        ? { diffId }
        : { diffId, digest: descriptor.digest, size: descriptor.size, ...readAs(descriptor.annotations) },
    ),
    ...readAs(image.annotations),
    rawConfig: JSON.parse(Buffer.from(image.rawConfig).toString('utf8')),
  };
  return { name: image.name, type: 'container_image', image: facts };
}

/** What the cache knows an image by, from what {@link artifactOfImage} said of it. */
export function keptImageOf({ layers, annotations }: Pick<ImageFacts, 'layers' | 'annotations'>): KeptImage {
  return {
    layers: layers.map(({ diffId, digest, size = 0, annotations: own }) => {
      if (digest === undefined) return { diffId };
      return {
        diffId,
        descriptor: { mediaType: '', digest, size, ...(own === undefined ? {} : { annotations: own }) },
      };
    }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function readAs(annotations: Readonly<Record<string, string>> | undefined): Pick<ImageFacts, 'annotations'> {
  const reading = readingAnnotations(annotations);
  return reading === undefined ? {} : { annotations: reading };
}
