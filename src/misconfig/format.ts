import type { CheckedFile } from '../finding/misconfiguration.ts';

/** What is asked of a format, beside the file. */
export interface CheckOptions {
  /** Ids and aliases, in lower case, of checks that are not run; none by default. */
  readonly skipped: ReadonlySet<string>;
  /** For what ends on a day. Milliseconds since 1970. */
  readonly now: number;
}

/** A kind of file that is checked. */
export interface ConfigFormat {
  /** `dockerfile`, `kubernetes`: what `--misconfig-scanners` calls it. */
  readonly name: string;
  /** Whether a file's name makes it worth a look; what it holds decides. */
  mayBe(path: string): boolean;
  /** Checks a file; undefined where it is of another format. Never throws for what a file holds: that is a problem of it. */
  check(path: string, bytes: Uint8Array, options: CheckOptions): CheckedFile | undefined;
}
