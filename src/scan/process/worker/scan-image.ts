import { silentProgress } from '../../../base/progress.ts';
import { catalogers } from '../../../catalog/list.ts';
import { catalogersSignature } from '../../../catalog/signature.ts';
import type { DatabaseGaps } from '../../../finding/database-gaps.ts';
import type { ContentSource } from '../../../oci/content-source.ts';
import { openImage } from '../../../oci/open-image.ts';
import { ScanCache } from '../../cache/scan-cache.ts';
import { readImageInventory } from '../../image-inventory.ts';
import { LayerPool } from '../../layer-pool.ts';
import { LayersHere } from '../../layers-here.ts';
import { scanSignature } from '../../scan-signature.ts';
import { artifactOfImage } from '../../scan-target.ts';
import { skipNothing } from '../../skip-rules.ts';
import { databaseGaps } from '../../../vulndb/database-gaps.ts';
import { openDatabase } from '../../../vulndb/database.ts';
import { VulndbError } from '../../../vulndb/error.ts';
import { encodeParts } from '../channel/parts.ts';
import { assembleEvidence, judgeRecords, type RecordVerdict } from '../judge-records.ts';
import { processLimits } from '../limits.ts';
import { distroLabel, type KeyedRecord, recordsOf } from '../package-record.ts';
import { pack } from './pack.ts';
import type { KeptInventory, ScannedImage, ScannedPackage, ScanTask } from './tasks.ts';

/**
 * Reads an image, looks up what is known of its packages, and gives all that is kept of it.
 *
 * @throws OciError for what is no image; RangeError for one with more packages than any image has
 */
export async function* scanImage(
  task: ScanTask,
  source: ContentSource & Disposable,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { manifest, reading, cache: place } = task;
  using content = source;
  await using image = await openImage(
    content,
    manifest,
    {
      name: manifest.digest,
      defaultPlatform: { os: 'linux', architecture: 'amd64' },
      repoTags: [],
      repoDigests: [],
      dispose: () => Promise.resolve(),
    },
    signal,
  );
  const cache =
    place === undefined
      ? undefined
      : new ScanCache(place.folder, place.maxBytes, catalogersSignature(catalogers), Date.now);
  await using runner = reading.onThreads ? new LayerPool(reading.width) : new LayersHere(reading.width);
  const context = { runner, progress: silentProgress, signal, skip: skipNothing };
  const inventory = await readImageInventory(image, cache === undefined ? context : { ...context, cache });
  const trimmed = cache?.trim();
  const records = recordsOf(inventory);
  if (records.length > processLimits.packages) throw new RangeError('The image has more packages than any real one');
  const { distro, problems } = inventory;
  const facts = { ...(distro === undefined ? {} : { distro }), problems };
  const judged = judgeAll(records, task.database);
  const unavailable = 'verdicts' in judged ? [] : [lookUpProblem(judged.error)];
  const { verdicts, gaps } = 'verdicts' in judged ? judged : noVerdicts;
  const found = { ...facts, problems: [...problems, ...unavailable] };
  const { text, isIncomplete } = assembleEvidence(found, verdicts, gaps);
  const told: ScannedImage = {
    signature: scanSignature(),
    builtAt: 'verdicts' in judged ? judged.builtAt : null,
    isIncomplete,
    facts,
    packages: records.map((record, at) => scannedPackage(record, verdicts?.[at]?.flaws ?? [])),
  };
  const kept: KeptInventory = { artifact: artifactOfImage(image), inventory };
  const [evidence, whole] = await Promise.all([pack(text), pack(JSON.stringify(kept)), trimmed]);
  yield* encodeParts(told, [evidence, whole]);
}

/** What says that nothing was looked up; such a report must never pass for one without findings. */
function lookUpProblem({ code, message }: VulndbError): {
  readonly code: string;
  readonly subject: string;
  readonly message: string;
  readonly incomplete: true;
} {
  return { code, subject: 'vulnerability database', message, incomplete: true };
}

/** What is known of packages by a state of the database. */
interface Judged {
  /** Milliseconds since 1970. */
  readonly builtAt: number;
  readonly verdicts: readonly RecordVerdict[];
  /** Of that database. */
  readonly gaps: DatabaseGaps;
}

const noVerdicts = { verdicts: undefined, gaps: {} } as const;

/** What is known of packages, or why nothing is: that costs the findings, not the inventory. */
function judgeAll(records: readonly KeyedRecord[], folder: string): Judged | { readonly error: VulndbError } {
  try {
    using database = openDatabase(folder);
    const verdicts = judgeRecords(
      records.map(({ record }) => record),
      database,
    );
    const { manifest } = database;
    return { builtAt: Date.parse(manifest.builtAt), verdicts, gaps: databaseGaps(manifest) };
  } catch (error) {
    if (error instanceof VulndbError) return { error };
    throw error;
  }
}

function scannedPackage({ key, text, record }: KeyedRecord, flaws: readonly string[]): ScannedPackage {
  const { type, name, version, source } = record.package;
  return {
    key,
    type,
    name,
    version,
    ...(source === undefined ? {} : { source }),
    distro: distroLabel(record.distro),
    purl: record.purl,
    record: text,
    flaws,
  };
}
