import { unknownImages } from '../../../store/metadata/triage.ts';
import type { SqlQueries } from '../../../store/sql/database.ts';
import { imageTypes } from '../image-types.ts';
import type { TriageQuestion } from './parse-question.ts';

/** Images that may be hit and are in no answer. */
export interface UnknownImages {
  /** Images whose packages nobody has listed: their scan waits, failed, or was never asked for. */
  readonly unscanned: number;
  /** Images of which a part could not be read or, where a flaw is asked for, could not be looked up. */
  readonly incomplete: number;
  /** The repositories that they are in, sorted; the first of many. */
  readonly repositories: readonly string[];
}

/** Repositories that are named. */
const named = 100;

/**
 * Counts the images that a question cannot find, so that nobody takes silence about them for an answer. An image counts in each repository
 * that it is in.
 *
 * @param sees whether a repository may be told of
 */
export async function findUnknown(
  queries: SqlQueries,
  { kind }: Pick<TriageQuestion, 'kind'>,
  sees: (repository: string) => boolean,
): Promise<UnknownImages> {
  const rows = await unknownImages(queries, imageTypes, kind === 'flaw');
  const seen = rows.filter(({ repository }) => sees(repository));
  const sum = (count: 'unscanned' | 'incomplete'): number => seen.reduce((total, row) => total + row[count], 0);
  const repositories = seen.map(({ repository }) => repository).sort();
  return {
    unscanned: sum('unscanned'),
    incomplete: sum('incomplete'),
    repositories: repositories.slice(0, named),
  };
}
