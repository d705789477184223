import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { Artifact } from '../../finding/scan-report.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import { EntryStore } from '../../scan/cache/entry-store.ts';

/** Bytes of all that is kept: a few thousand for each image. */
const mostBytes = 64 * 2 ** 20;

/**
 * Remembers what digests of images are, for each platform: of one that was read before, no registry is asked again, since its bytes cannot
 * be others. What is in them is kept by their layers elsewhere.
 */
export class KnownImages {
  readonly #entries: EntryStore;

  /** @param folder of the scans' cache */
  constructor(folder: string, now: () => number) {
    this.#entries = new EntryStore(join(folder, 'images'), mostBytes, now);
  }

  /** What is known of a digest; undefined where it was not read yet. @param platform as it was asked for */
  async get(digest: Digest, platform: string): Promise<Artifact | undefined> {
    const bytes = await this.#entries.get(keyOf(digest, platform));
    return bytes === undefined ? undefined : asArtifact(bytes);
  }

  async put(digest: Digest, platform: string, artifact: Artifact): Promise<void> {
    await this.#entries.put(keyOf(digest, platform), Buffer.from(JSON.stringify({ version, artifact })));
  }

  /** Keeps it within its size. */
  async trim(): Promise<void> {
    await this.#entries.evict();
  }
}

/** Of the form in which entries are written. */
const version = 1;

function keyOf(digest: Digest, platform: string): string {
  return hash('sha256', `image ${digest} ${platform}`);
}

/** What another version of this program wrote is as good as nothing. */
function asArtifact(bytes: Buffer): Artifact | undefined {
  try {
    const value = JSON.parse(bytes.toString('utf8')) as { readonly version?: unknown; readonly artifact?: Artifact };
    const { artifact } = value;
    const layers: unknown = artifact?.image?.layers;
    const manifest: unknown = artifact?.image?.manifestDigest;
    const isOurs = value.version === version && Array.isArray(layers) && typeof manifest === 'string';
    return isOurs && isDigest(manifest) ? artifact : undefined;
  } catch {
    return undefined;
  }
}
