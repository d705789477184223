import type { KyvernoGlobalEntry } from '../kyverno/document/global-context/model.ts';
import { readGlobalEntries } from '../kyverno/document/read-global-entry.ts';
import type { Dialect, TextMistake } from './model.ts';

/** Kyverno's `GlobalContextEntry`: no policy, and what policies look into. */
export const kyvernoGlobalContextDialect: Dialect = {
  reads: (apiVersion, kind) => /^kyverno\.io\/v\d/.test(apiVersion) && kind === 'GlobalContextEntry',
  async compile(texts) {
    const globalEntries: KyvernoGlobalEntry[] = [];
    const mistakes: TextMistake[] = [];
    const names = new Set<string>();
    for (const text of texts) {
      const { file, above = 0 } = text;
      const reading = await readGlobalEntries(text);
      for (const mistake of reading.mistakes) mistakes.push({ ...mistake, file });
      for (const entry of reading.entries) {
        const { name } = entry.metadata;
        if (names.has(name))
          mistakes.push({ file, line: above + 1, column: 1, path: 'metadata.name', sentence: 'is there twice' });
        names.add(name);
        globalEntries.push(entry);
      }
    }
    return { policies: [], mistakes, advice: [], globalEntries };
  },
};
