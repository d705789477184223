import type { Cataloger } from './cataloger.ts';
import { mayBeExecutable, type Dispatch } from './dispatch.ts';
import { nothingAround, readFile, tooLargeProblem, type FileReading } from './file-reading.ts';
import { isProgram } from './is-program.ts';

/** A file to be read under a path that is not its own in its layer. */
export interface AliasedFile {
  /** The path as which catalogers are to see it. */
  readonly path: string;
  /** Index of the entry in its layer whose bytes are read. */
  readonly entry: number;
  readonly mode: number;
  /** In bytes. */
  readonly size: number;
}

/** The most bytes that some cataloger takes of the file; 0 when none wants it. */
export function wantedBytes(dispatch: Dispatch, file: AliasedFile): number {
  return Math.max(0, ...candidates(dispatch, file).map(({ maxBytes }) => maxBytes));
}

/** What to say of a file that is larger than {@link wantedBytes}. */
export function refuseAlias(dispatch: Dispatch, file: AliasedFile): FileReading | undefined {
  const [cataloger] = candidates(dispatch, file);
  if (cataloger === undefined) return undefined;
  const { path, entry, size } = file;
  return { path, entry, facts: [], problems: [tooLargeProblem(path, size, cataloger)] };
}

/** Reads a file whole; it has no neighbours. Undefined when nobody has anything to say. */
export function readAlias(dispatch: Dispatch, file: AliasedFile, bytes: Buffer): FileReading | undefined {
  const { path, entry, mode } = file;
  const chosen = isProgram(bytes) ? candidates(dispatch, file) : dispatch.select(path);
  const fitting = chosen.filter(({ maxBytes }) => bytes.length <= maxBytes);
  return readFile(path, entry, mode, bytes, fitting, nothingAround);
}

function candidates(dispatch: Dispatch, { path, mode, size }: AliasedFile): readonly Cataloger[] {
  const chosen = dispatch.select(path);
  return mayBeExecutable(path, mode, size) ? [...new Set([...chosen, ...dispatch.executables])] : chosen;
}
