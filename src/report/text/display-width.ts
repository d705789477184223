/** Code points that terminals show in two cells: Unicode Standard Annex #11, classes W and F, without the emoji. */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18dff],
  [0x1aff0, 0x1b2ff],
  [0x1f200, 0x1f265],
  [0x20000, 0x3fffd],
];

const emoji = /^\p{Emoji_Presentation}/u;
const mark = /^[\p{Mn}\p{Me}\p{Cf}]/u;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Splits a text where a person sees one character end: a base with its marks stays whole. */
export function splitGraphemes(text: string): string[] {
  if (isAscii(text)) return text.split('');
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

/** The number of terminal cells that a text without controls takes. */
export function displayWidth(text: string): number {
  if (isAscii(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment);
  return width;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7e) return false;
  return true;
}

function graphemeWidth(grapheme: string): number {
  const code = grapheme.codePointAt(0) as number;
  if (code <= 0x7e) return grapheme.includes('\uFE0F') ? 2 : 1;
  if (mark.test(grapheme)) return 0;
  // U+FE0F asks for the coloured, wide form of a character that is a sign otherwise.
  if (grapheme.includes('\uFE0F') || emoji.test(grapheme)) return 2;
  return wideRanges.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}
