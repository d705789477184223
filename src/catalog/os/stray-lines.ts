import type { Problem } from '../../base/problem.ts';

/** Says that lines of a package database were not understood. */
export function strayLineProblems(path: string, count: number): readonly Problem[] {
  if (count === 0) return [];
  return [
    {
      code: 'LINES_UNREADABLE',
      subject: path,
      message: `${count} of its lines break the format and were passed over; look at the file by hand`,
    },
  ];
}
