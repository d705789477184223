import type { TextPart } from './split.ts';

/** A comment, without what is before its `#`. */
export interface Comment {
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
  /** The last line that it may be about: what is said in one document says nothing of the next. */
  readonly until: number;
}

/**
 * Finds the comments of a text that say a word. What looks like one inside of a value is none (YAML 1.2, 6.6).
 *
 * @param spans where leaves stand, as pairs of offsets in ascending order
 * @param part where the text stands
 */
export function* commentsWith(
  word: RegExp,
  { text, above, lastLine }: TextPart,
  spans: readonly number[],
): Generator<Comment> {
  if (!word.test(text)) return;
  let line = above + 1;
  let start = 0;
  for (let stop = text.indexOf('\n'); start < text.length; stop = text.indexOf('\n', start)) {
    const end = stop < 0 ? text.length : stop;
    const content = text.slice(start, end);
    if (word.test(content)) {
      const at = startOfComment(content, start, spans);
      if (at !== undefined && word.test(content.slice(at))) {
        const isAlone = content.slice(0, at).trim() === '';
        yield { text: content.slice(at + 1).trim(), line, until: isAlone ? lastLine : line };
      }
    }
    line += 1;
    start = end + 1;
  }
}

function startOfComment(content: string, offset: number, spans: readonly number[]): number | undefined {
  for (const { index } of content.matchAll(/(?<=^|[\s,{}[\]"'])#/g)) {
    if (!isInside(offset + index, spans)) return index;
  }
  return undefined;
}

/** Whether an offset lies in one of the pairs, by bisection. */
function isInside(offset: number, spans: readonly number[]): boolean {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((spans[middle] as number) <= offset) low = middle + 1;
    else high = middle;
  }
  // Behind an odd number of bounds lies the inside of a pair.
  return low % 2 === 1;
}
