import { LangError } from '../error.ts';
import { dockerfileLimits } from './limits.ts';

/** The beginning of a document within the file. */
export interface HeredocStart {
  readonly name: string;
  readonly expand: boolean;
  /** Leading tabs are no part of its lines (`<<-`). */
  readonly stripTabs: boolean;
}

/** Instructions that may bring documents. */
export const heredocKeywords: ReadonlySet<string> = new Set(['ADD', 'COPY', 'RUN']);

/**
 * Finds what begins documents in a line (Dockerfile reference, "Here-documents"): `<<NAME` at the beginning of a word, with a number and
 * `-` or without, outside of quotes; the name may be quoted.
 *
 * @throws LangError LIMIT_EXCEEDED
 */
export function findHeredocs(text: string, escape: string): HeredocStart[] {
  const found: HeredocStart[] = [];
  let quote = '';
  let wordStart = true;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] as string;
    if (quote !== '') {
      if (character === escape && quote === '"') at += 1;
      else if (character === quote) quote = '';
      continue;
    }
    if (character === escape) at += 1;
    else if (character === '"' || character === "'") quote = character;
    else if (wordStart) {
      const match = /^\d*<<(-?)(?:"([^"<\s]+)"|'([^'<\s]+)'|([^\s<"'&|;()]+))/.exec(text.slice(at, at + 300));
      const name = match?.[2] ?? match?.[3] ?? match?.[4];
      if (match !== null && name !== undefined) {
        if (found.length === dockerfileLimits.heredocs) {
          const message = `An instruction has more than ${dockerfileLimits.heredocs} documents; write them into files`;
          throw new LangError('LIMIT_EXCEEDED', message);
        }
        found.push({ name, expand: match[4] !== undefined, stripTabs: match[1] === '-' });
        at += match[0].length - 1;
      }
    }
    wordStart = /[\s;&|()]/.test(character);
  }
  return found;
}
