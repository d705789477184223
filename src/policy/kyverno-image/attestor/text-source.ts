import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import { given } from '../../signers/identity.ts';
import type { TextOrExpression } from '../document/image-validating-policy/model.ts';
import type { Translation } from './translation.ts';

/** The text that is there; undefined for an expression, which gives one later. */
export function textOf(
  source: TextOrExpression | undefined,
  path: ConfigPath,
  { findings }: Translation,
): string | undefined {
  if (source === undefined) return undefined;
  if ((given(source.value) === undefined) === (given(source.expression) === undefined)) {
    findings.push({ path, sentence: 'takes exactly one of value, expression' });
  }
  return source.expression === undefined ? given(source.value) : undefined;
}
