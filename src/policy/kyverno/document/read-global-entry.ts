import type { PlacedText } from '../../../codec/yaml/text-place.ts';
import { parseYamlDocuments } from '../../../codec/yaml/tree.ts';
import { kubernetesValue } from '../../../codec/yaml/kubernetes-value.ts';
import type { ConfigMistake } from '../../../codec/yaml/mistake.ts';
import { kyvernoLimits } from '../limits.ts';
import { checked } from './checked.ts';
import { checkKyvernoGlobalEntry } from './global-context/check.ts';
import type { KyvernoGlobalEntry } from './global-context/model.ts';

/** What came of reading entries of the global context. */
export interface GlobalEntryReading {
  readonly entries: readonly KyvernoGlobalEntry[];
  readonly mistakes: readonly ConfigMistake[];
}

/** Reads the entries in a text of YAML or JSON that has no other documents. */
export async function readGlobalEntries(text: PlacedText): Promise<GlobalEntryReading> {
  const { documents, mistakes: broken } = await parseYamlDocuments(text, kyvernoLimits.yamlDepth);
  const mistakes: ConfigMistake[] = broken.map((mistake) => ({ ...mistake, path: '' }));
  const entries: KyvernoGlobalEntry[] = [];
  const { kyvernoGlobalEntrySchema } = await import('./global-context/schema.ts');
  for (const root of documents) {
    if (root.kind === 'scalar' && root.text === undefined) continue;
    const found = await checked(root, kubernetesValue(root), kyvernoGlobalEntrySchema, checkKyvernoGlobalEntry);
    if ('mistakes' in found) mistakes.push(...found.mistakes);
    else entries.push(found.document);
  }
  return { entries, mistakes };
}
