import { printable } from '../../base/printable.ts';
import { byPlace } from '../../codec/yaml/mistake.ts';
import { parseYamlDocuments } from '../../codec/yaml/tree.ts';
import type { KyvernoGlobalEntry } from '../kyverno/document/global-context/model.ts';
import { kyvernoLimits } from '../kyverno/limits.ts';
import type { ResourcePolicy } from '../resource/policy.ts';
import { mistakeOfEmpty } from './empty-text.ts';
import { dialects } from './list.ts';
import type { CompiledTexts, DialectSettings, OtherDocument, PolicyText, TextMistake } from './model.ts';
import { splitDocuments, type TextDocument } from './split-documents.ts';

/**
 * Compiles policies of all dialects from texts that may have any of them, side by side. What is wrong with one dialect's documents says
 * nothing about another's; nothing is passed over without being told.
 */
export async function compileTexts(texts: readonly PolicyText[], settings: DialectSettings): Promise<CompiledTexts> {
  const documents: TextDocument[] = [];
  const mistakes: TextMistake[] = [];
  for (const text of texts) {
    const held = await splitDocuments(text, kyvernoLimits.yamlDepth);
    documents.push(...held);
    const nothing = held.length === 0 ? await mistakeOfEmpty(text) : undefined;
    if (nothing !== undefined) mistakes.push(nothing);
  }
  const advice: TextMistake[] = [];
  const policies = new Map<string, ResourcePolicy>();
  const globalEntries: KyvernoGlobalEntry[] = [];
  const taken = new Set<TextDocument>();
  for (const dialect of dialects) {
    const own = documents.filter(({ apiVersion, kind }) => dialect.reads(apiVersion, kind));
    if (own.length === 0 && dialect.saysWithout?.(settings) !== true) continue;
    for (const each of own) taken.add(each);
    const made = await dialect.compile(own, settings);
    mistakes.push(...made.mistakes);
    advice.push(...made.advice);
    globalEntries.push(...(made.globalEntries ?? []));
    for (const policy of made.policies) {
      if (policies.has(policy.id)) mistakes.push(sameName(policy, own));
      else policies.set(policy.id, policy);
    }
  }
  const others: OtherDocument[] = [];
  for (const document of documents) {
    if (taken.has(document)) continue;
    const { file, line, apiVersion, kind } = document;
    if (apiVersion === '' || kind === '') mistakes.push(await unreadable(document));
    else others.push({ file, line, apiVersion, kind });
  }
  const order = new Map(texts.map(({ file }, at) => [file, at]));
  const at = ({ file }: TextMistake): number => order.get(file) ?? 0;
  const inOrder = (a: TextMistake, b: TextMistake): number => at(a) - at(b) || byPlace(a, b);
  return {
    policies: [...policies.values()],
    mistakes: mistakes.sort(inOrder),
    advice: advice.sort(inOrder),
    ...(globalEntries.length === 0 ? {} : { globalEntries }),
    others,
  };
}

function sameName({ id }: ResourcePolicy, [first]: readonly TextDocument[]): TextMistake {
  const sentence = `"${printable(id)}" is the name of policies of two kinds; verdicts name them by it, so rename one`;
  return { file: first?.file ?? '', line: first?.line ?? 1, column: 1, path: 'metadata.name', sentence };
}

async function unreadable(document: TextDocument): Promise<TextMistake> {
  const { file, line } = document;
  const [broken] = (await parseYamlDocuments(document, kyvernoLimits.yamlDepth)).mistakes;
  if (broken !== undefined) return { ...broken, path: '', file };
  return { file, line, column: 1, path: '', sentence: 'has no apiVersion and kind, which say what it is; add them' };
}
