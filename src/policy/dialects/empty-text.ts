import { parseYamlDocuments } from '../../codec/yaml/tree.ts';
import { kyvernoLimits } from '../kyverno/limits.ts';
import type { PolicyText, TextMistake } from './model.ts';

/**
 * What is wrong with a text that says nothing: whoever writes a file in place has it empty, or half there, for a moment, which must not
 * read as "no policies". A list of none says that there is none; comments and nothing else say nothing.
 *
 * @returns undefined for a text that holds something, also what cannot be read
 */
export async function mistakeOfEmpty(source: PolicyText): Promise<TextMistake | undefined> {
  const { file, text, above = 0 } = source;
  const { documents, mistakes } = await parseYamlDocuments(source, kyvernoLimits.yamlDepth);
  if (mistakes.length > 0 || documents.some((each) => each.kind !== 'scalar' || each.text !== undefined))
    return undefined;
  const what = text.trim() === '' ? 'is empty' : 'has nothing in it but comments';
  return { file, line: above + 1, column: 1, path: '', sentence: `${what}; write a policy into it, or leave it out` };
}
