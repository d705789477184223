import { mistakeOfEmpty } from '../../policy/dialects/empty-text.ts';
import type { PolicyText } from '../../policy/dialects/model.ts';
import { seaworthyDialect } from '../../policy/dialects/seaworthy.ts';
import { splitDocuments, type TextDocument } from '../../policy/dialects/split-documents.ts';
import { kyvernoLimits } from '../../policy/kyverno/limits.ts';
import { mistakeLines } from './policy-files.ts';

/** The documents of files, by who compiles them. */
export interface SplitSources {
  /** Our own. */
  readonly own: readonly TextDocument[];
  readonly rest: readonly TextDocument[];
  /** A line for each file that says nothing, and by which nobody would be judged without a word. */
  readonly empty: readonly string[];
}

/** Tells the documents of files apart. */
export async function splitSources(sources: readonly PolicyText[]): Promise<SplitSources> {
  const own: TextDocument[] = [];
  const rest: TextDocument[] = [];
  const empty: string[] = [];
  for (const source of sources) {
    const documents = await splitDocuments(source, kyvernoLimits.yamlDepth);
    const mistake = documents.length === 0 ? await mistakeOfEmpty(source) : undefined;
    if (mistake !== undefined) empty.push(...mistakeLines([mistake]));
    for (const document of documents) {
      (seaworthyDialect.reads(document.apiVersion, document.kind) ? own : rest).push(document);
    }
  }
  return { own, rest, empty };
}
