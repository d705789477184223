/** A part of a file that holds one document, or what belongs to none. */
export interface TextPart {
  readonly text: string;
  /** Lines before it. */
  readonly above: number;
  /** The number of its last line in the whole. */
  readonly lastLine: number;
}

/** A line that begins with three dashes ends whatever is before it (YAML 1.2, 9.2). */
const dashes = /^---(?=[ \t\r\n]|$)/gm;

/**
 * Cuts a text where its documents begin, so that one that cannot be read says nothing about the others. Comments and directives
 * stay with the document that follows them.
 *
 * @param most parts; undefined where there are more
 */
export function splitText(text: string, most: number): readonly TextPart[] | undefined {
  const parts: TextPart[] = [];
  let offset = 0;
  let above = 0;
  const add = (end: number): void => {
    const part = text.slice(offset, end);
    const breaks = countBreaks(part);
    parts.push({ text: part, above, lastLine: above + breaks + (part.endsWith('\n') ? 0 : 1) });
    above += breaks;
    offset = end;
  };
  for (const { index } of text.matchAll(dashes)) {
    if (index === offset || isPreamble(text, offset, index)) continue;
    if (parts.length + 1 >= most) return undefined;
    add(index);
  }
  add(text.length);
  return parts;
}

/** Whether what is there is blank, comments and directives alone. */
function isPreamble(text: string, start: number, end: number): boolean {
  if (text.startsWith('---', start)) return false;
  const preamble = /(?:[ \t]*(?:#[^\n]*)?\r?\n|%[^\n]*\n)*/y;
  preamble.lastIndex = start;
  preamble.exec(text);
  return preamble.lastIndex >= end;
}

function countBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
