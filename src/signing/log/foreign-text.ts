import { logLimits } from './limits.ts';

/** Text of others, fit for one line of a terminal: no control or direction characters, no quotes, not long. */
export function foreignText(text: string): string {
  const line = text
    .slice(0, logLimits.errorBytes)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}"]+/gu, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim();
  const { errorTextLength } = logLimits;
  return line.length > errorTextLength ? `${line.slice(0, errorTextLength)}…` : line;
}
