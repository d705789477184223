/** A word from outside, safe and short enough to stand in a message; `most` is in code units. */
export function printable(text: string, most: number = 60): string {
  return text.slice(0, most).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}
