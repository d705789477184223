import type { TextMistake } from '../../dialects/model.ts';
import { compilePolicyController } from '../../policy-controller/compile.ts';
import type { ClusterImagePolicy } from '../../policy-controller/document/cluster-image-policy/model.ts';
import { readPolicyController } from '../../policy-controller/document/read-documents.ts';
import { usualPolicyController } from '../../policy-controller/settings.ts';
import { type TrustMaterial, trustMaterialOf } from '../../policy-controller/trust/trust-root.ts';
import type { ReadDocument } from '../../resource/read-documents.ts';
import type { ConvertibleForm, DocumentConversion } from '../forms.ts';
import { convertClusterImagePolicy } from './convert-policy.ts';

/** policy-controller's `ClusterImagePolicy`, with the roots of trust that stand beside it. */
export const policyControllerForm: ConvertibleForm = {
  reads: (apiVersion, kind) =>
    apiVersion.startsWith('policy.sigstore.dev/') && (kind === 'ClusterImagePolicy' || kind === 'TrustRoot'),
  async convert(documents) {
    const readings = [];
    for (const each of documents) readings.push(await readPolicyController(each));
    const { mistakes: found } = compilePolicyController(readings, usualPolicyController);
    // What is in a language that nothing here carries out is no mistake of the policy; whoever converts it tells it.
    const wrong = found.filter(({ sentence }) => !sentence.includes('nothing here that carries out'));
    const mistakes = wrong.map(({ reading, ...rest }): TextMistake => ({
      ...rest,
      file: documents[reading]?.file ?? '',
    }));
    const broken = new Set(wrong.map(({ reading }) => reading));
    const trustRoots = new Map<string, TrustMaterial>();
    for (const { document } of readings.flatMap((reading) => reading.documents)) {
      if (document.kind === 'TrustRoot') trustRoots.set(document.metadata.name, trustMaterialOf(document).material);
    }
    const conversions = readings.flatMap((reading, index): readonly DocumentConversion[] => {
      const at = documents[index];
      if (at === undefined || broken.has(index)) return [];
      return reading.documents.flatMap((read) => {
        if (read.document.kind !== 'ClusterImagePolicy') return [];
        const { document, mistakeAt } = read as ReadDocument<ClusterImagePolicy>;
        const converted = convertClusterImagePolicy(document, trustRoots);
        return [{ converted, at, what: `ClusterImagePolicy ${document.metadata.name}`, mistakeAt }];
      });
    });
    return { conversions, mistakes };
  },
};
