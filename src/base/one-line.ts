/** A stranger's text, fit for one line of a terminal: no control or direction characters, and not long. */
export function oneLine(text: string, most: number): string {
  const line = text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim();
  return line.length > most ? `${line.slice(0, most)}…` : line;
}
