/** Gives the line of an offset, counted from 1. */
export type LineOf = (offset: number) => number;

/** Prepares a text for looking up lines by bisection. Texts of nothing but line breaks take no time. @param above lines before it */
export function linesOf(text: string, above: number): LineOf {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle;
    }
    return above + low + 1;
  };
}
