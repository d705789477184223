import type { Problem } from '../../base/problem.ts';

/**
 * Says that some entries of a list were left out because their names or versions cannot be ones.
 *
 * @param database what an operating system has installed: without some of it the result is incomplete
 */
export function unusableEntries(path: string, count: number, database?: 'database'): readonly Problem[] {
  if (count === 0) return [];
  return [
    {
      code: 'PACKAGES_UNREADABLE',
      subject: path,
      message: `${count} of its packages have no usable name or version and were left out; look at the file by hand`,
      ...(database === undefined ? {} : { incomplete: true }),
    },
  ];
}
