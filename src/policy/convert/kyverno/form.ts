import type { TextMistake } from '../../dialects/model.ts';
import { compileKyvernoPolicies } from '../../kyverno/compile.ts';
import { readKyvernoPolicies } from '../../kyverno/document/read-documents.ts';
import { usualNaming } from '../../kyverno/image-name.ts';
import type { KyvernoSettings } from '../../kyverno/rule/model.ts';
import { strictStyle } from '../../kyverno/style.ts';
import type { ConvertibleForm, DocumentConversion } from '../forms.ts';
import { convertKyvernoPolicy } from './convert-policy.ts';

/** As policies are read that are not converted. */
const settings: KyvernoSettings = { style: strictStyle, naming: usualNaming, namespace: 'kyverno' };

/** Kyverno's `ClusterPolicy` and `Policy`. */
export const kyvernoForm: ConvertibleForm = {
  reads: (apiVersion, kind) => /^kyverno\.io\/v\d/.test(apiVersion) && (kind === 'ClusterPolicy' || kind === 'Policy'),
  async convert(documents) {
    const mistakes: TextMistake[] = [];
    const conversions: DocumentConversion[] = [];
    for (const at of documents) {
      const reading = await readKyvernoPolicies(at.text);
      const { mistakes: found } = compileKyvernoPolicies([reading], settings);
      // What rules do that nothing here does is no mistake of theirs; whoever converts them tells it.
      const wrong = found.filter(({ sentence }) => !sentence.startsWith('is not supported'));
      mistakes.push(...wrong.map(({ reading: _reading, ...rest }) => ({ ...rest, file: at.file })));
      if (wrong.length > 0) continue;
      for (const { policy, mistakeAt } of reading.policies) {
        const { kind, metadata } = policy;
        const what = `${kind} ${kind === 'Policy' ? `${metadata.namespace ?? 'default'}/` : ''}${metadata.name}`;
        conversions.push({ converted: convertKyvernoPolicy(policy, strictStyle), at, what, mistakeAt });
      }
    }
    return { conversions, mistakes };
  },
};
