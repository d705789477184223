import { clientLimits } from './limits.ts';

/** One way to prove who asks, as a server offers it (RFC 9110, 11.6.1). */
export interface AuthChallenge {
  /** In lower case. */
  readonly scheme: string;
  /** Names in lower case; the first of repeated ones. */
  readonly parameters: ReadonlyMap<string, string>;
}

const tokenCharacter = /[!#$%&'*+.^_`|~0-9A-Za-z-]/;
const token68Character = /[A-Za-z0-9._~+/=-]/;

/**
 * Reads a `WWW-Authenticate` header, which may hold several challenges. What cannot be read ends the list: a challenge
 * that is not understood is one that cannot be met.
 */
export function parseAuthChallenges(header: string): AuthChallenge[] {
  const text = header.slice(0, clientLimits.challengeLength);
  const challenges: AuthChallenge[] = [];
  let at = 0;

  function skip(characters: string): void {
    while (at < text.length && characters.includes(text[at] as string)) at += 1;
  }
  function take(allowed: RegExp): string {
    const start = at;
    while (at < text.length && allowed.test(text[at] as string)) at += 1;
    return text.slice(start, at);
  }
  function takeQuoted(): string | undefined {
    let value = '';
    for (at += 1; at < text.length; at += 1) {
      const character = text[at] as string;
      if (character === '"') {
        at += 1;
        return value;
      }
      if (character === '\\') at += 1;
      value += text[at] ?? '';
    }
    return undefined;
  }
  /** Takes `name=value`; leaves the place as it was when something else comes, such as the next challenge. */
  function takeParameter(): readonly [string, string] | undefined {
    const start = at;
    const name = take(tokenCharacter).toLowerCase();
    skip(' \t');
    const assigned = name !== '' && text[at] === '=' && !/^=\s*(?:=|,|$)/.test(text.slice(at, at + 8));
    if (!assigned) {
      at = start;
      return undefined;
    }
    at += 1;
    skip(' \t');
    // Unquoted values hold more than the grammar allows in practice: scopes with colons and slashes.
    const value = text[at] === '"' ? takeQuoted() : take(/[^\s,"]/);
    if (value === undefined) at = text.length;
    return value === undefined ? undefined : [name, value];
  }

  while (challenges.length < clientLimits.challengeParts) {
    skip(' \t,');
    const scheme = take(tokenCharacter).toLowerCase();
    if (scheme === '') break;
    const parameters = new Map<string, string>();
    challenges.push({ scheme, parameters });
    const beforeSpace = at;
    skip(' \t');
    if (at === beforeSpace) continue;
    let parameter = takeParameter();
    if (parameter === undefined && text[at] !== undefined) skipToken68();
    while (parameter !== undefined && parameters.size < clientLimits.challengeParts) {
      if (!parameters.has(parameter[0])) parameters.set(parameter[0], parameter[1]);
      skip(' \t');
      if (text[at] !== ',') break;
      skip(' \t,');
      parameter = takeParameter();
    }
  }
  return challenges;

  /** Passes over an opaque value such as `Negotiate YII=`; a word with a space behind it is the next scheme instead. */
  function skipToken68(): void {
    const start = at;
    take(token68Character);
    const rest = text.slice(at, at + 2);
    if (rest !== '' && !/^\s*,|^\s+$/.test(rest)) at = start;
  }
}
