import { SeaworthyError } from '../base/error.ts';

/** What can be wrong with the vulnerability database. */
export type VulndbErrorCode =
  /** There is none in the folder. */
  | 'DATABASE_MISSING'
  /** A file of it is damaged or gone. */
  | 'DATABASE_CORRUPT'
  /** Another version of the program wrote it in another form. */
  | 'DATABASE_SCHEMA'
  /** It is older than what the caller accepts. */
  | 'DATABASE_OLD'
  /** The folder cannot be written. */
  | 'DATABASE_UNWRITABLE';

/** The vulnerability database cannot be used; never to be read as "no vulnerabilities". */
export class VulndbError extends SeaworthyError<VulndbErrorCode> {
  override readonly name = 'VulndbError';
}

/** The sentence that says how to mend a database. */
export const howToMend =
  'run "seaworthy db update" to get a new one, or "seaworthy db build --from DIR" where there is no network';

/** The sentence that says how to mend a database of which a feed cannot be had. */
export const howToMendFeed =
  'run "seaworthy db update", which says why it cannot be had, or "seaworthy db build" for a database without it';
