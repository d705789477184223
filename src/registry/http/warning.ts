import { limits } from '../limits.ts';
import type { AnswerHeaders } from './answer.ts';

/**
 * Headers with warnings for whoever asked, as clients of registries print them (distribution-spec, "Warnings": code 299, agent `-`, no
 * date, at most 4096 bytes in all). Each warning once; of too many, how many more there are.
 *
 * @param headers those of the answer, which may hold a warning
 * @param texts sentences, from wherever they come
 */
export function withWarnings(headers: AnswerHeaders, texts: readonly string[]): AnswerHeaders {
  const distinct = [...new Set(texts)];
  if (distinct.length === 0) return headers;
  const isTooMany = distinct.length > limits.warnings;
  const shown = isTooMany ? distinct.slice(0, limits.warnings - 1) : distinct;
  const more = isTooMany ? [`And ${distinct.length - shown.length} more warnings.`] : [];
  const before = headers['warning'];
  const there = before === undefined ? [] : Array.isArray(before) ? before : [String(before)];
  return { ...headers, warning: [...there, ...[...shown, ...more].map(warning)] };
}

function warning(text: string): string {
  const cut = text.length > limits.warningLength ? `${text.slice(0, limits.warningLength - 4)} ...` : text;
  return `299 - "${quotable(cut)}"`;
}

/** What may stand between quotes in a header without escapes, of which some clients know fewer than others. */
function quotable(text: string): string {
  return text
    .replaceAll('"', "'")
    .replaceAll('\\', '/')
    .replaceAll(/[^ -~]+/g, '?');
}
