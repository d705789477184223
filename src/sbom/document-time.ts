import type { ScanReport } from '../finding/scan-report.ts';
import { SbomError } from './error.ts';

/** The latest second that four digits of year can write. */
const maxSeconds = 253_402_300_799;

/**
 * When a document says it was made: what the build asks for, else when the image was made, so that the same image gives
 * the same bytes. An image that tells no time gets the epoch; a directory has no time of its own and gets the scan's.
 *
 * @throws SbomError SOURCE_DATE_EPOCH_INVALID
 */
export function documentTime(
  report: Pick<ScanReport, 'artifact' | 'createdAt'>,
  sourceDateEpoch: string | undefined,
): string {
  if (sourceDateEpoch !== undefined && sourceDateEpoch !== '') {
    const seconds = /^\d{1,12}$/.test(sourceDateEpoch) ? Number(sourceDateEpoch) : Number.NaN;
    if (!(seconds <= maxSeconds)) {
      throw new SbomError(
        'SOURCE_DATE_EPOCH_INVALID',
        `SOURCE_DATE_EPOCH is "${sourceDateEpoch.slice(0, 40)}"; set it to whole seconds since 1970 or unset it`,
      );
    }
    return wholeSeconds(seconds * 1000);
  }
  if (report.artifact.image === undefined) return wholeSeconds(Date.parse(report.createdAt));
  return wholeSeconds(Date.parse(createdOf(report.artifact.image.rawConfig)));
}

/** RFC 3339, UTC, without a fraction; what is no time, or none of four digits of year, becomes the epoch. */
export function wholeSeconds(milliseconds: number): string {
  const known = milliseconds >= 0 && milliseconds <= maxSeconds * 1000;
  return `${new Date(known ? milliseconds : 0).toISOString().slice(0, 19)}Z`;
}

function createdOf(rawConfig: unknown): string {
  if (typeof rawConfig !== 'object' || rawConfig === null || !('created' in rawConfig)) return '';
  return typeof rawConfig.created === 'string' ? rawConfig.created : '';
}
