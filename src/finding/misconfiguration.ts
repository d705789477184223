import type { Severity } from './severity.ts';

/** A rule that configuration can break, in words of our own under the ids that users know. */
export interface CheckInfo {
  /** `DS-0002`, `KSV-0001`: as Trivy's checks are called, so that ignore files, dashboards and habits carry over. */
  readonly id: string;
  /** Other names of the same rule (`AVD-DS-0002`, `no-root-user`), accepted wherever an id is, without regard to case. */
  readonly aliases: readonly string[];
  readonly severity: Severity;
  /** What is wrong, in a few words without a full stop. */
  readonly title: string;
  /** What can come of it. */
  readonly description: string;
  /** What to do about it, as an imperative sentence. */
  readonly resolution: string;
}

/** Lines of a file, counted from 1, both included. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
}

/** One place where a rule is broken. */
export interface Misconfiguration {
  readonly check: CheckInfo;
  /** What is wrong here, with the names and values that are. */
  readonly message: string;
  /** Absent where something is wrong by not being there. */
  readonly lines?: LineRange;
  /** What breaks it: `Deployment shop/web`, container included where it is one's. */
  readonly resource?: string;
}

/** What came of looking at one file. */
export interface CheckedFile {
  /** As it was found, below the folder that was asked for, with `/` between names. */
  readonly path: string;
  /** `dockerfile`, `kubernetes`. */
  readonly type: string;
  readonly failures: readonly Misconfiguration[];
  /** Those that somebody set aside, and where that is said. */
  readonly ignored: readonly { readonly failure: Misconfiguration; readonly by: string }[];
  /** Rules that were looked at and are kept. */
  readonly passed: readonly CheckInfo[];
  /** What could not be read, a sentence each: then nothing is said of it, and the file is not clean. */
  readonly problems: readonly string[];
}
