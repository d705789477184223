/** Decides whether a text of a certificate is the wanted one. */
export interface TextMatcher {
  /** For people: what would match. */
  readonly wanted: string;
  matches(text: string): boolean;
}

/** The text itself and nothing else. */
export function exactly(wanted: string): TextMatcher {
  return { wanted, matches: (text) => text === wanted };
}
