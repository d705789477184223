import { SeaworthyError } from '../../base/error.ts';

/** Why images could not be scanned, in the words that are recorded. */
export const unscannableCodes = [
  /** A chart, a signature or another artifact: there is nothing to scan. */
  'NOT_AN_IMAGE',
  /** An index: its images are scanned, each for itself. */
  'IMAGE_INDEX',
  /** Its manifest or config is no such document. */
  'IMAGE_INVALID',
  /** It has more bytes than the settings allow. */
  'IMAGE_TOO_LARGE',
  /** Its content could not be read, from the store or an upstream. */
  'CONTENT_UNAVAILABLE',
  /** Its content comes so slowly that others go before it. */
  'CONTENT_SLOW',
  /** It is in no repository any more. */
  'IMAGE_GONE',
  /** The scan took too long. */
  'SCAN_TIMEOUT',
  /** The scan needed more memory than the settings allow. */
  'SCAN_MEMORY',
  /** The process that scanned ended. */
  'SCAN_CRASHED',
  /** No process that scans can be started: no fault of the image. */
  'WORKER_UNSTARTABLE',
  /** What came back is more than any real image has, or no result. */
  'RESULT_INVALID',
  /** The program is being stopped: no failure of the image. */
  'SCAN_STOPPED',
] as const;

/** One of {@link unscannableCodes}. */
export type UnscannableCode = (typeof unscannableCodes)[number];

/** Failures that another attempt would not change. */
export const permanentFailures: ReadonlySet<UnscannableCode> = new Set<UnscannableCode>([
  'NOT_AN_IMAGE',
  'IMAGE_INDEX',
  'IMAGE_INVALID',
  'IMAGE_TOO_LARGE',
]);

/** Failures that are none of the image, and use none of its attempts up. */
export const foreignFailures: ReadonlySet<UnscannableCode> = new Set<UnscannableCode>([
  'SCAN_STOPPED',
  'WORKER_UNSTARTABLE',
  'CONTENT_SLOW',
]);

/** An image could not be scanned. */
export class UnscannableError extends SeaworthyError<UnscannableCode> {
  override readonly name = 'UnscannableError';
}
