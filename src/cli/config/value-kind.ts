/**
 * How the values of a setting are written. Whatever they come from (flag, environment, file), they arrive as texts, so
 * that one spelling is right everywhere.
 */
export interface ValueKind<Value> {
  /** What help shows for the value; absent for switches, which need none. */
  readonly placeholder?: string;
  /** True when a flag may be repeated and the file may hold a sequence. */
  readonly repeatable: boolean;
  /** What it may be, where that is a few words: shells complete them. */
  readonly words?: readonly string[];
  /**
   * Reads the texts given: exactly one unless `repeatable`.
   *
   * @throws UnreadableValue when it cannot be read
   */
  parse(texts: readonly string[]): Value;
  /** Writes a value as a user would; for `seaworthy settings`. */
  format(value: Value): string;
}

/** Says what a text should be; the caller knows which setting it belongs to and makes the error of both. */
export class UnreadableValue extends Error {
  readonly text: string;
  /** Completes "write …". */
  readonly expected: string;

  constructor(text: string, expected: string) {
    super(expected);
    this.text = text;
    this.expected = expected;
  }
}
