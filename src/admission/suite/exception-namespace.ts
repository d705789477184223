import type { JsonObject } from '../../lang/jmespath/value.ts';
import type { PolicyText } from '../../policy/dialects/model.ts';
import { readObjects } from './document/read.ts';
import { nameOf } from './subject-of.ts';

/** The namespace of the first exception from Kyverno's policies in some texts, where there is one: no cluster says which counts. */
export async function exceptionNamespaceOf(texts: readonly PolicyText[]): Promise<string | undefined> {
  for (const { text } of texts) {
    const { document = [] } = await readObjects(text);
    for (const each of document as readonly (JsonObject | null)[]) {
      if (each?.['kind'] === 'PolicyException') return nameOf(each).namespace;
    }
  }
  return undefined;
}
