import { kubernetesValue } from '../../codec/yaml/kubernetes-value.ts';
import { byPlace, formatPath, placeOf } from '../../codec/yaml/mistake.ts';
import { parseYamlDocuments, type YamlNode } from '../../codec/yaml/tree.ts';
import type { JsonObject } from '../../lang/jmespath/value.ts';
import type { PolicyText } from '../dialects/model.ts';
import { kyvernoLimits } from '../kyverno/limits.ts';
import { lintChecks } from './list.ts';
import type { LintDocument, LintForm, LintResult } from './model.ts';

/** Forms by groups and kinds of documents. */
const forms: readonly (readonly [apiVersion: RegExp, kind: RegExp, form: LintForm])[] = [
  [/^kyverno\.io\/v\d/, /^(?:Cluster)?Policy$/, 'kyverno'],
  [/^kyverno\.io\/v\d/, /^PolicyException$/, 'kyvernoException'],
  [/^policies\.kyverno\.io\/v\d/, /^(?:Namespaced)?ImageValidatingPolicy$/, 'kyvernoCel'],
  [/^policy\.sigstore\.dev\/v\d/, /^ClusterImagePolicy$/, 'policyController'],
  [/^seaworthy\.dev\/v\d/, /^(?:Image)?Policy$/, 'seaworthy'],
];

/**
 * What may be written in policies and is hardly meant, in the order of the texts. It looks at documents of all forms, side by side; that
 * they are right is for those who compile them to say, and what cannot be read is passed over here.
 *
 * @param now milliseconds since 1970
 */
export async function lintTexts(texts: readonly PolicyText[], now: number): Promise<readonly LintResult[]> {
  const roots = new Map<LintDocument, YamlNode>();
  for (const text of texts) {
    const { file } = text;
    const { documents } = await parseYamlDocuments(text, kyvernoLimits.yamlDepth);
    for (const root of documents) {
      const value = kubernetesValue(root) as JsonObject | null;
      const { apiVersion, kind } = value ?? {};
      if (value === null || typeof apiVersion !== 'string' || typeof kind !== 'string') continue;
      const [, , form] = forms.find(([group, name]) => group.test(apiVersion) && name.test(kind)) ?? [];
      if (form !== undefined) roots.set({ form, file, value }, root);
    }
  }
  const results: LintResult[] = [];
  for (const { id, severity, find, findAcross } of lintChecks) {
    const found = [
      ...[...roots.keys()].flatMap((at) => (find?.(at, now) ?? []).map((each) => ({ ...each, at }))),
      ...(findAcross?.([...roots.keys()]) ?? []),
    ];
    for (const { at, path, sentence } of found) {
      results.push({ id, severity, file: at.file, ...placeOf(roots.get(at), path), path: formatPath(path), sentence });
    }
  }
  const order = new Map(texts.map(({ file }, at) => [file, at]));
  return results.sort((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) || byPlace(a, b));
}
