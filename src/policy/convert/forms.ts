import type { ConfigMistake, ConfigPath } from '../../codec/yaml/mistake.ts';
import { kubernetesValue } from '../../codec/yaml/kubernetes-value.ts';
import { parseYamlDocuments, type YamlNode } from '../../codec/yaml/tree.ts';
import { formatPath, placeOf } from '../../codec/yaml/mistake.ts';
import type { TextMistake } from '../dialects/model.ts';
import type { TextDocument } from '../dialects/split-documents.ts';
import { kyvernoLimits } from '../kyverno/limits.ts';
import { kyvernoForm } from './kyverno/form.ts';
import { kyvernoImageForm } from './kyverno-image/form.ts';
import type { ConvertedDocument, ExceptionAnswers } from './model.ts';
import { policyControllerForm } from './policy-controller/form.ts';
import { seaworthyForm } from './seaworthy/form.ts';

/** A document that was read, and what became of it. */
export interface DocumentConversion {
  readonly converted: ConvertedDocument;
  readonly at: TextDocument;
  /** `ClusterPolicy verify-image`, for people. */
  readonly what: string;
  readonly mistakeAt: (path: ConfigPath, sentence: string) => ConfigMistake;
}

/** A form of policies that can be converted. */
export interface ConvertibleForm {
  readonly reads: (apiVersion: string, kind: string) => boolean;
  /** Documents that cannot be read are told, and none of the conversions. */
  readonly convert: (
    documents: readonly TextDocument[],
    exceptions: ExceptionAnswers | undefined,
  ) => Promise<{
    readonly conversions: readonly DocumentConversion[];
    readonly mistakes: readonly TextMistake[];
  }>;
}

/** All forms. No document is of two of them. */
export const convertibleForms: readonly ConvertibleForm[] = [
  seaworthyForm,
  kyvernoForm,
  kyvernoImageForm,
  policyControllerForm,
  exceptionForm(),
];

/** Exceptions from Kyverno's policies in CEL, which choose objects by expressions. */
function exceptionForm(): ConvertibleForm {
  return {
    reads: (apiVersion, kind) => kind === 'PolicyException' && /^policies\.kyverno\.io\/v\d/.test(apiVersion),
    convert: async (documents) => {
      const conversions: DocumentConversion[] = [];
      for (const at of documents) {
        const root = await rootOf(at);
        const sentence =
          'is an exception by expressions, which an ImagePolicy does not have; write it into the ImagePolicy, with owner, reason and until';
        conversions.push({
          converted: { drafts: [], unsaid: [{ path: ['kind'], sentence }], notes: [] },
          at,
          what: whatIs(root),
          mistakeAt: (path, why) => ({ ...placeOf(root, path), path: formatPath(path), sentence: why }),
        });
      }
      return { conversions, mistakes: [] };
    },
  };
}

async function rootOf(document: TextDocument): Promise<YamlNode | undefined> {
  const { documents } = await parseYamlDocuments(document, kyvernoLimits.yamlDepth);
  return documents.find((each) => each.kind !== 'scalar' || each.text !== undefined);
}

function whatIs(root: YamlNode | undefined): string {
  const value = (root === undefined ? {} : kubernetesValue(root)) as {
    readonly metadata?: { readonly name?: unknown };
  };
  const { name } = value.metadata ?? {};
  return `PolicyException${typeof name === 'string' ? ` ${name}` : ''}`;
}
