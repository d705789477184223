import type { Problem } from '../../base/problem.ts';
import type { TextTableOptions } from '../text/text-table.ts';
import { bullet } from './lines.ts';

/** Problems of one code that are told one by one: an image may be full of damaged files. */
const mostAlike = 50;

/**
 * What could not be looked at, by kind.
 *
 * @param what may be missing where a problem is marked as incomplete
 */
export function renderProblems(problems: readonly Problem[], what: string, options: TextTableOptions): string[] {
  if (problems.length === 0) return [];
  const incomplete = problems.some((problem) => problem.incomplete === true);
  const title = incomplete ? `Could not look at (${what} may be missing above):` : 'Could not look at:';
  const alike = Map.groupBy(
    problems,
    ({ code, incomplete: missing }) => `${code}${missing === true ? ', incomplete' : ''}`,
  );
  return [
    options.paint('warning', title),
    ...[...alike].flatMap(([kind, members]) => [
      ...members
        .slice(0, mostAlike)
        .flatMap(({ subject, message }) => bullet(`${shortened(subject)}: ${message} [${kind}]`, options)),
      ...(members.length > mostAlike
        ? bullet(`and ${members.length - mostAlike} more, which the JSON report lists [${kind}]`, options)
        : []),
    ]),
  ];
}

/** A path in an image may have thousands of letters; the JSON report has them all. */
function shortened(subject: string): string {
  return subject.length <= 200 ? subject : `${subject.slice(0, 100)}…${subject.slice(-99)}`;
}
