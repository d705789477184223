import { hash } from 'node:crypto';

/** What was verified of tokens, found by their text, until they end. The text itself is not kept. */
export class VerifiedTokens<Value extends { readonly expires: number }> {
  readonly #most: number;
  readonly #values = new Map<string, Value>();

  /** @param most tokens that are remembered; the oldest goes first */
  constructor(most: number) {
    this.#most = most;
  }

  /** What is known of a token. @param now milliseconds since 1970 */
  find(token: string, now: number): Value | undefined {
    const key = keyOf(token);
    const value = this.#values.get(key);
    if (value === undefined || value.expires > now) return value;
    this.#values.delete(key);
    return undefined;
  }

  /** Remembers a token that was verified; `expires` is in milliseconds since 1970. */
  keep(token: string, value: Value, now: number): void {
    if (value.expires <= now) return;
    const oldest = this.#values.keys().next().value;
    if (this.#values.size >= this.#most && oldest !== undefined) this.#values.delete(oldest);
    this.#values.set(keyOf(token), value);
  }
}

/** A signed token cannot be guessed, so a plain hash gives nothing away. */
function keyOf(token: string): string {
  return hash('sha256', token, 'base64');
}
