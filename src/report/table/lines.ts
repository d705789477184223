import { cleanText } from '../text/clean-text.ts';
import type { TextTableOptions } from '../text/text-table.ts';
import { wrapText } from '../text/wrap-text.ts';

/** An item of a list, wrapped and safe to print. */
export function bullet(text: string, { width }: TextTableOptions): string[] {
  return wrapText(cleanText(text), width - 4).map((line, index) => (index === 0 ? `  - ${line}` : `    ${line}`));
}

/** A text that is safe to print, wrapped. */
export function wrapped(text: string, { width }: TextTableOptions): string[] {
  return wrapText(text, width);
}

/** A number, with the word for what is counted. */
export function count(number: number, word: string, plural: string = `${word}s`): string {
  return `${number} ${number === 1 ? word : plural}`;
}
