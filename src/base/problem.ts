/**
 * Something that could not be looked at while the rest went on.
 *
 * A problem is a value, not a throw: reports list it, so that "could not look" never reads as "nothing there".
 */
export interface Problem {
  /** Names the kind of problem, in capitals; stable. */
  readonly code: string;
  /** What could not be looked at: a path in the image, a layer's digest, a feed's name. */
  readonly subject: string;
  /** One sentence for a person. */
  readonly message: string;
  /**
   * True when whole sets of packages may be missing from the result (a layer, a package database): the command then
   * ends with the exit status of an error, after it reported what it could read.
   */
  readonly incomplete?: true;
}
