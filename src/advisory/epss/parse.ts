import { gunzipSync } from 'node:zlib';
import type { Epss } from '../../finding/vulnerability.ts';
import { AdvisoryError } from '../error.ts';
import type { DroppedRecord, FeedDocument, ParsedDocument } from '../feed.ts';
import { feedLimits } from '../limits.ts';
import { epssColumns, epssHead, epssLine } from './schema.ts';

/** How likely a flaw is exploited. */
export interface EpssItem {
  readonly cve: string;
  readonly epss: Epss;
}

/** No line of the format is longer; a longer one is not split further. */
const maxLineBytes = 1000;

/**
 * Reads the scores, plain or gzip.
 *
 * @throws AdvisoryError FEED_MALFORMED when the document is not the table of scores, LIMIT_EXCEEDED
 */
export function parseEpss({ name, bytes = new Uint8Array() }: FeedDocument): ParsedDocument<EpssItem> {
  const text = plain(name, bytes);
  const items: EpssItem[] = [];
  const dropped: DroppedRecord[] = [];
  let date: string | undefined;
  let columns = false;
  let number = 0;
  for (const line of linesOf(text)) {
    number += 1;
    if (line === undefined) {
      dropped.push({ subject: `${name}, line ${number}`, reason: 'LIMIT_EXCEEDED' });
    } else if (!columns) {
      date ??= epssHead.exec(line)?.[1];
      columns = line === epssColumns;
      if (!columns && !line.startsWith('#')) break;
    } else if (line !== '') {
      const [, cve, score, percentile] = epssLine.exec(line) ?? [];
      if (cve === undefined || date === undefined) {
        dropped.push({ subject: `${name}, line ${number}`, reason: 'MALFORMED' });
        continue;
      }
      if (items.length === feedLimits.scores) {
        throw new AdvisoryError(
          'LIMIT_EXCEEDED',
          `${name} has more than ${feedLimits.scores} scores; check where it comes from`,
        );
      }
      items.push({ cve, epss: { score: Number(score), percentile: Number(percentile), date } });
    }
  }
  if (!columns) {
    throw new AdvisoryError('FEED_MALFORMED', `${name} has no line "${epssColumns}"; fetch the EPSS scores again`);
  }
  if (date === undefined) {
    throw new AdvisoryError(
      'FEED_MALFORMED',
      `${name} has no score_date in its first line; fetch the EPSS scores again`,
    );
  }
  return { items, dropped };
}

function plain(name: string, bytes: Uint8Array): Buffer {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return gunzipSync(bytes, { maxOutputLength: feedLimits.scoreBytes });
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new AdvisoryError(
      tooLarge ? 'LIMIT_EXCEEDED' : 'FEED_MALFORMED',
      tooLarge
        ? `${name} unpacks to more than ${feedLimits.scoreBytes} bytes; check where it comes from`
        : `${name} is not a whole gzip file; fetch the EPSS scores again`,
      { cause: error },
    );
  }
}

/** Lines without their ends; undefined for one that is too long. */
function* linesOf(text: Buffer): Generator<string | undefined, void, undefined> {
  let at = 0;
  while (at < text.length) {
    const found = text.indexOf(0x0a, at);
    const end = found < 0 ? text.length : found;
    const trimmed = end > at && text[end - 1] === 0x0d ? end - 1 : end;
    yield trimmed - at > maxLineBytes ? undefined : text.toString('latin1', at, trimmed);
    at = end + 1;
  }
}
