import type { CheckInfo } from '../../finding/misconfiguration.ts';
import type { Instruction } from '../../lang/dockerfile/instruction.ts';
import type { Breach } from '../check.ts';
import { type IgnoreRule, parseIgnoreComment } from '../ignore-comment.ts';

/** A comment, and where it stands. */
export interface LineOfRule {
  readonly rule: IgnoreRule;
  readonly line: number;
}

/**
 * Where a breach is set aside by a comment in the file: in a line right above the instruction, with no other than comments and empty ones between, or
 * within it. What is missing in the whole file has no line; comments before the first instruction, or above any `FROM`, are about that.
 *
 * @param now milliseconds since 1970
 * @returns the comment, and its line
 */
export function readIgnores(
  source: string,
  instructions: readonly Instruction[],
  now: number,
): (info: CheckInfo, breach: Breach) => LineOfRule | undefined {
  const lines = source.split('\n');
  const comments = lines.flatMap((text, index) => {
    const at = /(?:^|\s)#(.*)$/.exec(text)?.[1];
    return at === undefined ? [] : parseIgnoreComment(at, now).map((rule) => ({ rule, line: index + 1 }));
  });
  if (comments.length === 0) return () => undefined;
  // Each instruction begins where the one before ended: comments between them are about the one below.
  const places = instructions.map(({ keyword, end }, index) => ({
    keyword,
    from: (instructions[index - 1]?.end ?? 0) + 1,
    end,
  }));
  const isWhole = ({ line }: LineOfRule): boolean =>
    places.some(({ keyword, from, end }, index) => (index === 0 || keyword === 'FROM') && line >= from && line <= end);
  return (info, { lines: range }) => {
    const place = range === undefined ? undefined : places.find(({ end }) => range.start <= end);
    return comments.find(
      (comment) =>
        (place === undefined ? isWhole(comment) : comment.line >= place.from && comment.line <= place.end) &&
        comment.rule.covers(info),
    );
  };
}
