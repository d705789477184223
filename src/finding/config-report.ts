import type { Problem } from '../base/problem.ts';
import type { CheckedFile, Misconfiguration } from './misconfiguration.ts';

/** One line of a file that is shown beside a finding. */
export interface CodeLine {
  /** From 1. */
  readonly number: number;
  /** As it stands in the file, cut where it is very long. */
  readonly content: string;
  /** True in the place of lines that are left out. */
  readonly truncated: boolean;
}

/** A file that was looked at, with the lines that its findings are about. */
export interface ReportedFile extends CheckedFile {
  /** Of findings with lines, those set aside included. */
  readonly code: ReadonlyMap<Misconfiguration, readonly CodeLine[]>;
}

/** What came of looking at the configuration below one path. Plain data in a stable order. */
export interface ConfigReport {
  /** As the user wrote it. */
  readonly name: string;
  /** Where `name` is a folder, what the paths of files are to be put behind; empty where it is a file's own. */
  readonly folder: string;
  /** By path. Those with problems have nothing else: nothing is said of them. */
  readonly files: readonly ReportedFile[];
  /** What could not be looked at: problems of files, and folders that could not be read. */
  readonly problems: readonly Problem[];
  /** RFC 3339, UTC. */
  readonly createdAt: string;
}
