import type { ResourceJudgeParts } from '../../admission/resource/judge-resource.ts';
import { compilePolicy, type CompiledPolicy } from '../../policy/compile.ts';
import type { Gathered } from '../../policy/evidence.ts';
import { keyFilesOf, withKeyFiles } from '../../policy/key-files.ts';
import { readText } from './read-text.ts';

type Keys = ResourceJudgeParts['keys'];

/** Policies with the keys that they name in files; what cannot be read leaves it unknown who must have signed. */
export function fileKeys(now: () => number, next?: Keys): Keys {
  const made = new Map<string, Promise<Gathered<CompiledPolicy>>>();
  const read = async (policy: CompiledPolicy): Promise<Gathered<CompiledPolicy>> => {
    const files = keyFilesOf(policy.policy);
    if (files.length === 0) return { state: 'known', value: policy, at: now() };
    const texts = new Map<string, string>();
    for (const file of files) {
      const text = await readText(file);
      if (typeof text !== 'string') return { state: 'unavailable', reason: `the key in ${file} ${text.why}` };
      texts.set(file, text);
    }
    return { state: 'known', value: compilePolicy(withKeyFiles(policy.policy, texts)), at: now() };
  };
  return {
    async of(policy, signal) {
      let keyed = made.get(policy.hash);
      if (keyed === undefined) made.set(policy.hash, (keyed = read(policy)));
      const found = await keyed;
      return next === undefined || found.state !== 'known' ? found : await next.of(found.value, signal);
    },
  };
}
