/** How one ecosystem writes and orders its versions. */
export interface VersionScheme {
  /** Short and stable: `deb`, `pep440`. */
  readonly id: string;
  /**
   * Negative when `a` is lower than `b`, positive when higher, 0 when the ecosystem takes them for the same.
   *
   * Orders every valid version. `apk`, `composer`, `gem`, `packagist` and `pep440` also order what their ecosystem's own
   * tool orders beyond its grammar, so that lists of old versions can be sorted; ask {@link isValid} before trusting an
   * answer.
   *
   * @throws VersionError VERSION_INVALID when a text cannot be ordered
   */
  compare(a: string, b: string): number;
  /** True when `text` is a version by the ecosystem's grammar. */
  isValid(text: string): boolean;
}

/** No ecosystem has longer versions; a longer text is invalid. Characters. */
export const maxVersionLength = 1000;

/** True when `text` has a version's length and is wholly matched by `grammar`, which must take linear time. */
export function matchesGrammar(text: string, grammar: RegExp): boolean {
  return text.length <= maxVersionLength && grammar.test(text);
}
