import type { ConfigMistake } from '../../codec/yaml/mistake.ts';
import type { PolicyText, TextMistake } from './model.ts';

/** What was found in texts that are told apart by their numbers, with their names. */
export function placed(
  found: readonly (ConfigMistake & { readonly reading: number })[],
  texts: readonly PolicyText[],
): readonly TextMistake[] {
  return found.map(({ reading, ...rest }) => ({ ...rest, file: texts[reading]?.file ?? '' }));
}
