/** A word of an ignore file, safe and short enough to stand in a message. */
export function printable(text: string): string {
  return text.slice(0, 60).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\uFFFD');
}
