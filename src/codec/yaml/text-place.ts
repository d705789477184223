/** A place in a text; both count from 1, columns in UTF-16 code units as editors do. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** A text, or a part of one that knows how many lines of the whole are before it, so that its places are those of the whole. */
export type PlacedText = string | { readonly text: string; readonly above?: number };

/** Gives the place of an offset. */
export type Locate = (offset: number) => TextPlace;

/** Prepares a text for looking up places by bisection. Lines end as in YAML 1.2 (5.4): CR, LF or both. @param above lines before it */
export function locator(text: string, above = 0): Locate {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) starts.push(match.index + match[0].length);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle;
    }
    return { line: above + low + 1, column: offset - (starts[low] as number) + 1 };
  };
}
