/** A word from outside, safe and short enough to stand in a message; `most` is in code units. */
export function printable(text: string, most: number = 60): string {
  const start = text.slice(0, most);
  // Most words are plain, and that is quick to see.
  if (/^[ -~]*$/.test(start)) return start;
  return start.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}
