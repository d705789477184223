import type { ConfigMistake, ConfigPath } from '../../../codec/yaml/mistake.ts';
import { olderPolicyName } from '../../seaworthy/older-policy.ts';
import { readPolicy } from '../../seaworthy/read-policy.ts';
import type { ConvertibleForm } from '../forms.ts';
import { convertOlderPolicy } from './convert-policy.ts';

/** The older form of our own, `seaworthy.dev/v1alpha1`: all documents make one policy, and are converted together. */
export const seaworthyForm: ConvertibleForm = {
  reads: (apiVersion, kind) => apiVersion === 'seaworthy.dev/v1alpha1' && kind === 'Policy',
  async convert(documents) {
    const [at] = documents;
    const reading = await readPolicy(documents);
    if (reading.mistakes !== undefined || at === undefined)
      return { conversions: [], mistakes: reading.mistakes ?? [] };
    const converted = convertOlderPolicy(reading.policy, olderPolicyName(at.file));
    const mistakeAt = (path: ConfigPath, sentence: string): ConfigMistake =>
      ['rules', 'signers', 'exceptions'].includes(String(path[0]))
        ? reading.mistakeAt(path, sentence)
        : { line: at.line, column: 1, path: '', sentence };
    const what = documents.length === 1 ? 'Policy' : `${documents.length} documents of the form Policy`;
    return { conversions: [{ converted, at, what, mistakeAt }], mistakes: [] };
  },
};
