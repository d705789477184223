import { CodecError } from '../../codec/error.ts';
import { openZip } from '../../codec/zip/archive.ts';
import { ZipBudget } from '../../codec/zip/budget.ts';
import { AdvisoryError } from '../error.ts';
import type { FeedDocument } from '../feed.ts';
import { feedLimits } from '../limits.ts';

/** No deflated JSON comes near this. */
const mostInflation = 200;
const freeBytes = 64 << 20;

/**
 * The records of an `all.zip` of the OSV bucket, one after another.
 *
 * @param name for messages
 * @throws AdvisoryError FEED_MALFORMED when the archive is truncated or damaged anywhere, FEED_EMPTY when it holds no
 * record: half an archive must not pass for the whole
 */
export function* recordsOfArchive(name: string, bytes: Uint8Array): Generator<FeedDocument, void, undefined> {
  let found = 0;
  try {
    const budget = new ZipBudget(freeBytes + bytes.length * mostInflation, feedLimits.archiveRecords);
    const archive = openZip(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), budget);
    for (const entry of archive.entries()) {
      if (!entry.name.endsWith('.json')) continue;
      found += 1;
      // A record over the limit is one bad record, which is dropped and counted, not a bad archive.
      if (entry.size > feedLimits.recordBytes) yield { name: entry.name, overlong: true };
      else yield { name: entry.name, bytes: archive.read(entry, feedLimits.recordBytes) };
    }
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw new AdvisoryError('FEED_MALFORMED', `${name} is not a whole zip archive (${error.message})`, {
      cause: error,
    });
  }
  if (found === 0) throw new AdvisoryError('FEED_EMPTY', `${name} holds no advisories; check where it comes from`);
}
