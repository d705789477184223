import type { Problem } from '../../base/problem.ts';
import { osLimits } from './limits.ts';

/**
 * Bounds the file lists of one package database: a database can name a long folder once and files in it a million
 * times, so the lists may be far larger than the file they come from.
 */
export interface PathBudget {
  /** Keeps a path as it is to stand in a fact, or leaves it out when it is none or the budget is spent. */
  add(paths: string[], path: string): void;
  /** Says that paths were left out, if so. */
  problems(): readonly Problem[];
}

/** A fresh budget for the file at `subject`. */
export function pathBudget(subject: string): PathBudget {
  let count = 0;
  let units = 0;
  let spent = false;
  return {
    add: (paths, path) => {
      if (path === '' || path.length > osLimits.pathLength) return;
      if (spent || count >= osLimits.ownedPaths || units + path.length > osLimits.ownedPathUnits) {
        spent = true;
        return;
      }
      count += 1;
      units += path.length;
      paths.push(path);
    },
    problems: () =>
      spent
        ? [
            {
              code: 'OWNERSHIP_INCOMPLETE',
              subject,
              message:
                'Its packages own more files than any real image has; some language packages may be listed twice',
            },
          ]
        : [],
  };
}
