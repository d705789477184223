import type { JsonObject } from '../../lang/jmespath/value.ts';
import { readObjects } from './document/read.ts';
import type { Suite } from './model.ts';

/** Says that whatever breaks the policy is only to be warned of (kyverno.io/docs, "Policy Reports"). */
const annotation = 'policies.kyverno.io/scored';

/** Ids of the policies of Kyverno in a suite of which reports warn, and never say that an object fails. */
export async function unscoredPolicies({ policies }: Pick<Suite, 'policies'>): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const { text } of policies) {
    const { document = [] } = await readObjects(text);
    for (const object of document as readonly JsonObject[]) {
      const { kind, metadata } = object as { kind?: unknown; metadata?: Readonly<Record<string, unknown>> };
      const { name = '', namespace = 'default', annotations } = metadata ?? {};
      if ((annotations as JsonObject | null | undefined)?.[annotation] !== 'false') continue;
      found.add(kind === 'ClusterPolicy' ? String(name) : `${String(namespace)}/${String(name)}`);
    }
  }
  return found;
}
