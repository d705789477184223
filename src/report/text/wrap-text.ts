import { displayWidth, splitGraphemes } from './display-width.ts';

/**
 * Breaks a text into lines of at most `width` cells: between words, else after `-`, `/`, `.`, `_`, `:`, `+` or `,`, else
 * anywhere. Nothing but the space at a line's end is lost, so an id or version that does not fit is still all there.
 *
 * @param mostLines what does not fit into so many ends in `…`
 */
export function wrapText(text: string, width: number, mostLines: number = Number.POSITIVE_INFINITY): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of text.split(' ')) {
    if (word === '') continue;
    for (const [index, piece] of piecesOf(word, width).entries()) {
      const cells = displayWidth(piece);
      const gap = index === 0 && line !== '' ? 1 : 0;
      if (line !== '' && used + gap + cells > width) {
        lines.push(line);
        // Long descriptions are cut anyway; no need to lay out the rest.
        if (lines.length > mostLines) return ellipsize(lines, width, mostLines);
        line = piece;
        used = cells;
      } else {
        line += gap === 1 ? ` ${piece}` : piece;
        used += gap + cells;
      }
    }
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines.length > mostLines ? ellipsize(lines, width, mostLines) : lines;
}

/** A word as parts that each fit on a line; one part when the whole word does. */
function piecesOf(word: string, width: number): string[] {
  if (displayWidth(word) <= width) return [word];
  return word.split(/(?<=[-/._:+,~])/).flatMap((part) => (displayWidth(part) <= width ? [part] : cut(part, width)));
}

function cut(text: string, width: number): string[] {
  const parts: string[] = [];
  let part = '';
  let used = 0;
  for (const grapheme of splitGraphemes(text)) {
    const cells = displayWidth(grapheme);
    if (used + cells > width && part !== '') {
      parts.push(part);
      part = '';
      used = 0;
    }
    part += grapheme;
    used += cells;
  }
  if (part !== '') parts.push(part);
  return parts;
}

function ellipsize(lines: readonly string[], width: number, mostLines: number): string[] {
  const kept = lines.slice(0, mostLines);
  const last = splitGraphemes(kept.at(-1) ?? '');
  while (last.length > 0 && displayWidth(last.join('')) > width - 1) last.pop();
  return [...kept.slice(0, -1), `${last.join('').trimEnd()}…`];
}
