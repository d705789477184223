import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { KyvernoValidation } from '../../kyverno/document/policy/model.ts';
import type { EntryPart } from '../kyverno/entry.ts';

type Tell = (path: ConfigPath, sentence: string) => void;

/** Where what is found is told. */
export interface ValidationConversion {
  readonly tell: Tell;
  readonly note: Tell;
}

/** What a rule asks of the objects themselves, where that is about their images alone. */
export function validationParts(
  _validate: KyvernoValidation,
  path: ConfigPath,
  { tell }: ValidationConversion,
): readonly EntryPart[] {
  tell(path, 'is about the object, of which an ImagePolicy sees the images alone');
  return [];
}
