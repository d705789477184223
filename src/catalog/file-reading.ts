import type { Problem } from '../base/problem.ts';
import { errorMessage, isSeaworthyError } from '../base/error.ts';
import { parseExecutable } from '../codec/executable/parse.ts';
import type { Executable } from '../codec/executable/executable.ts';
import type { Cataloger, CatalogFile, Fact } from './cataloger.ts';

/** What the catalogers made of one file. Plain data. */
export interface FileReading {
  /** The path that it was read as. */
  readonly path: string;
  /** Index of the entry in its layer whose bytes were read. */
  readonly entry: number;
  readonly facts: readonly Fact[];
  readonly problems: readonly Problem[];
  /** Files that are to be read too; absent when there are none. */
  readonly includes?: readonly Inclusion[];
}

/** A file that another one names. */
export interface Inclusion {
  /** The cataloger that is to read it. */
  readonly cataloger: string;
  /** Relative to the folder of the file that names it. */
  readonly path: string;
}

/** Files beside one that is read, as catalogers ask for them. */
export type FilesAround = Pick<CatalogFile, 'sibling' | 'neighbour'>;

/** Nothing is known of other files. */
export const nothingAround: FilesAround = { sibling: () => undefined, neighbour: () => undefined };

/**
 * Lets catalogers read one file.
 *
 * A cataloger that throws costs its own facts only: what it threw becomes a problem of the file.
 *
 * @returns undefined when none of them had anything to say
 */
export function readFile(
  path: string,
  entry: number,
  mode: number,
  bytes: Buffer,
  catalogers: readonly Cataloger[],
  around: FilesAround,
): FileReading | undefined {
  const file = catalogFile(path, mode, bytes, around);
  const facts: Fact[] = [];
  const problems: Problem[] = [];
  const includes: Inclusion[] = [];
  for (const cataloger of catalogers) {
    try {
      const result = cataloger.read(file);
      for (const fact of result.facts) facts.push(fact);
      for (const problem of result.problems ?? []) problems.push(problem);
      for (const included of result.includes ?? []) includes.push({ cataloger: cataloger.id, path: included });
    } catch (error) {
      problems.push(problemOf(error, cataloger, path));
    }
  }
  if (facts.length + problems.length + includes.length === 0) return undefined;
  return { path, entry, facts, problems, ...(includes.length > 0 && { includes }) };
}

/** The problem of a file that is larger than its catalogers take. */
export function tooLargeProblem(path: string, size: number, cataloger: Cataloger): Problem {
  return {
    code: 'FILE_TOO_LARGE',
    subject: path,
    message: `The file has ${size} bytes, more than the ${cataloger.maxBytes} that ${cataloger.id} reads; its packages are not listed`,
    ...(cataloger.essential ? { incomplete: true } : {}),
  };
}

function problemOf(error: unknown, { id, essential }: Cataloger, path: string): Problem {
  const code = isSeaworthyError(error) ? `FILE_${error.code}` : 'FILE_UNREADABLE';
  const message = `${id} could not read the file: ${errorMessage(error)}`;
  return { code, subject: path, message, ...(essential ? { incomplete: true } : {}) };
}

function catalogFile(path: string, mode: number, bytes: Buffer, { sibling, neighbour }: FilesAround): CatalogFile {
  let parsed: { readonly value: Executable | undefined } | undefined;
  return {
    path,
    mode,
    bytes,
    sibling,
    neighbour,
    executable(): Executable | undefined {
      parsed ??= { value: parseExecutable(bytes) };
      return parsed.value;
    },
  };
}
