import { join } from 'node:path';
import type { Digest } from '../../oci/digest.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import type { Lookup } from '../lookup.ts';
import { ScanSession } from '../scan-session.ts';
import type { FindRecord } from './find-hits.ts';
import { decodeRecord, encodeRecord, type ImageRecord } from './image-record.ts';
import { openImageRecords } from './image-records.ts';
import { KnownImages } from './known-images.ts';

/** What is known of images on this machine. */
export interface FoundRecords extends AsyncDisposable {
  readonly find: FindRecord;
  /** Keeps what came to be known, for this question at least. */
  readonly keep: (digest: Digest, platform: string, record: Buffer) => Promise<void>;
}

/** How records are asked for. */
export interface RecordNeeds {
  /** Where flaws are asked for: by this database. */
  readonly lookup: Lookup | undefined;
  /** What is meant where no node tells its platform. */
  readonly platform: string;
}

/**
 * Opens it: what scans kept for such questions, and where that is by another database or is missing, what they kept of contents, which is
 * looked up anew. No registry is asked.
 */
export function openFoundRecords(
  settings: Settings,
  { lookup, platform: usual }: RecordNeeds,
  host: Host,
): FoundRecords {
  const now = (): number => host.now().getTime();
  const records = openImageRecords(settings, now);
  const known = new KnownImages(join(settings.cacheDir, 'scans'), now);
  const session = new ScanSession(settings, host);
  // Where nothing can be kept, what came to be known still counts for this question.
  const unkept = new Map<string, Buffer>();
  const keep: FoundRecords['keep'] = async (digest, platform, record) => {
    if ((await records?.put(digest, platform, record)) !== true) unkept.set(`${digest} ${platform}`, record);
  };
  const lookAnew = async (digest: Digest, platform: string): Promise<ImageRecord | undefined> => {
    const artifact = await known.get(digest, platform);
    const target = artifact === undefined ? undefined : await session.recall(artifact);
    if (target === undefined) return undefined;
    const report = lookup?.report(target) ?? { ...target, findings: [], problems: target.inventory.problems };
    const fresh = await encodeRecord(report);
    await keep(digest, platform, fresh);
    return decodeRecord(fresh);
  };
  return {
    keep,
    async find(digest, platform = usual) {
      host.signal.throwIfAborted();
      const own = unkept.get(`${digest} ${platform}`);
      const record = own === undefined ? await records?.get(digest, platform) : decodeRecord(own);
      if (record !== undefined && (lookup === undefined || record.builtAt === lookup.builtAt)) return record;
      return await lookAnew(digest, platform);
    },
    async [Symbol.asyncDispose]() {
      await session[Symbol.asyncDispose]();
      await records?.trim();
    },
  };
}
