import type { TextMistake } from '../../dialects/model.ts';
import { compileKyvernoImages } from '../../kyverno-image/compile.ts';
import type { ImageValidatingPolicy } from '../../kyverno-image/document/image-validating-policy/model.ts';
import { readKyvernoImagePolicies } from '../../kyverno-image/document/read-documents.ts';
import type { KyvernoImageSettings } from '../../kyverno-image/settings.ts';
import { usualNaming } from '../../kyverno/image-name.ts';
import { strictStyle } from '../../kyverno/style.ts';
import type { ReadDocument } from '../../resource/read-documents.ts';
import type { ConvertibleForm, DocumentConversion } from '../forms.ts';
import { convertImageValidatingPolicy } from './convert-policy.ts';

/** As policies are read that are not converted. */
const settings: KyvernoImageSettings = { style: strictStyle, naming: usualNaming, namespace: 'kyverno' };

/** Kyverno's policies about images in CEL. */
export const kyvernoImageForm: ConvertibleForm = {
  reads: (apiVersion, kind) =>
    apiVersion.startsWith('policies.kyverno.io/') &&
    (kind === 'ImageValidatingPolicy' || kind === 'NamespacedImageValidatingPolicy'),
  async convert(documents) {
    const mistakes: TextMistake[] = [];
    const conversions: DocumentConversion[] = [];
    for (const at of documents) {
      const reading = await readKyvernoImagePolicies(at);
      const found = compileKyvernoImages([reading], settings).mistakes;
      // What policies say and nothing here does is no mistake of theirs; whoever converts them tells it.
      const wrong = found.filter(({ sentence }) => !sentence.startsWith('is not supported'));
      mistakes.push(...wrong.map(({ reading: _reading, ...rest }) => ({ ...rest, file: at.file })));
      if (wrong.length > 0) continue;
      for (const read of reading.documents) {
        const { document, mistakeAt } = read as ReadDocument<ImageValidatingPolicy>;
        const { kind, metadata } = document;
        const name =
          kind === 'ImageValidatingPolicy' ? metadata.name : `${metadata.namespace ?? 'default'}/${metadata.name}`;
        const converted = convertImageValidatingPolicy(document, settings);
        conversions.push({ converted, at, what: `${kind} ${name}`, mistakeAt });
      }
    }
    return { conversions, mistakes };
  },
};
