import { CatalogError } from '../error.ts';
import { lockLimits } from './limits.ts';

/**
 * Counts the steps of resolving one file's dependencies: a hostile file can make each of a million names be sought in thousands
 * of folders.
 *
 * @returns a function that counts one and throws CatalogError LIMIT_EXCEEDED after too many
 */
export function countSteps(most: number = lockLimits.steps): () => void {
  let left = most;
  return () => {
    left -= 1;
    if (left >= 0) return;
    throw new CatalogError(
      'LIMIT_EXCEEDED',
      `Its dependencies take more than ${most} steps to resolve; skip it by its path`,
    );
  };
}
