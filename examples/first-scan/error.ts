import { SeaworthyError } from '../../src/base/error.ts';

/** What can go wrong with the first scan before the program itself runs, or when it fails. */
export type FirstScanErrorCode = 'NPM_UNAVAILABLE' | 'NPM_FAILED' | 'PACKAGE_CHANGED' | 'PROGRAM_FAILED';

/** The first scan cannot go on. */
export class FirstScanError extends SeaworthyError<FirstScanErrorCode> {
  override readonly name = 'FirstScanError';
}
