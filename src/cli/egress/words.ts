import { suggest } from '../../base/suggest.ts';
import { ConfigError } from '../config/error.ts';

/**
 * The known words that were given for a flag, each of which may be a list with commas, and each word once.
 *
 * @throws ConfigError SETTING_INVALID
 */
export function knownWords<Word extends string>(
  flag: string,
  given: readonly string[],
  known: readonly Word[],
): readonly Word[] {
  const words = given
    .flatMap((text) => text.split(','))
    .map((text) => {
      const word = known.find((each) => each === text);
      if (word !== undefined) return word;
      const near = suggest(text, known);
      const advice = near === undefined ? `give ${known.join(', ')}` : `did you mean ${near}?`;
      throw new ConfigError('SETTING_INVALID', `${flag} is "${text}"; ${advice}`);
    });
  return [...new Set(words)];
}
