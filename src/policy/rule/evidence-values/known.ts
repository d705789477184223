import { LangError } from '../../../lang/error.ts';
import type { EvidenceKind, Gathered } from '../../evidence.ts';
import type { UnknownFact } from '../../verdict.ts';
import { unknownOf, type Whose } from '../gathered.ts';

/** Thrown where an expression asks for what is not known. Another part of it may decide without. */
export class NotKnown extends LangError {
  readonly facts: readonly UnknownFact[];

  constructor(facts: readonly UnknownFact[]) {
    super('EVALUATION', 'What it asks for is not known');
    this.facts = facts;
  }
}

/** What was gathered; undefined where it is known that nothing is there. @throws NotKnown */
export function knownValue<Value>(
  gathered: Gathered<Value> | undefined,
  what: EvidenceKind,
  whose: Whose = {},
): Value | undefined {
  const unknown = unknownOf(gathered, what, whose);
  if (unknown !== undefined) throw new NotKnown([unknown]);
  return gathered?.state === 'known' ? gathered.value : undefined;
}

/** What was gathered. @throws NotKnown, LangError EVALUATION where nothing is there */
export function presentValue<Value>(gathered: Gathered<Value> | undefined, what: EvidenceKind, name: string): Value {
  const value = knownValue(gathered, what);
  if (value === undefined) throw new LangError('EVALUATION', `The image has no ${name}`);
  return value;
}
