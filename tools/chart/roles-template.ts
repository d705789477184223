import { isDeepStrictEqual } from 'node:util';
import { dump } from 'js-yaml';
import type { Manifest } from '../../src/kubernetes/manifest.ts';
import type { ChartPart } from './parts.ts';
import { standIns, templateOf } from './stand-ins.ts';

/** Rules that are there only when the chart is told so. */
interface MoreRules {
  readonly when: string;
  readonly rules: readonly unknown[];
}

/** The roles of a server and who has them: those of the plain manifests, by what the chart is told of Secrets and of Gatekeeper. */
export function rolesTemplate({ name, manifests, extras }: ChartPart): string {
  const some = rolesOf(manifests({ secretNamespaces: [standIns.secretNamespace] }));
  const isOfSecrets = ({ metadata }: Manifest): boolean => metadata.namespace === standIns.secretNamespace;
  const always = some.filter((each) => !isOfSecrets(each));
  const changed = extras.map(([when, change]) => ({ when, roles: rolesOf(change()) }));
  const moreOf = (role: Manifest, at: number): readonly MoreRules[] =>
    changed.map(({ when, roles }) => {
      if (roles.length !== always.length) throw new Error(`the roles differ by more than their rules when ${when}`);
      return { when, rules: moreRules(role, roles[at] as Manifest) };
    });
  return [
    `{{- /* Written by tools/chart.ts, from what \`seaworthy ${name} manifests\` writes. */ -}}\n`,
    ...(name === 'operator' ? ['{{- if .Values.operator.enabled }}\n'] : []),
    always.map((role, at) => template(name, role, moreOf(role, at))).join('---\n'),
    `{{- if not .Values.${name}.secrets.clusterWide }}\n`,
    `{{- range $namespace := .Values.${name}.secrets.namespaces }}\n`,
    some.filter(isOfSecrets).map((role) => `---\n${template(name, role, [])}`),
    '{{- end }}\n{{- end }}\n',
    ...(name === 'operator' ? ['{{- end }}\n'] : []),
  ]
    .flat()
    .join('');
}

function rolesOf(manifests: readonly Manifest[]): readonly Manifest[] {
  return manifests.filter(({ apiVersion }) => apiVersion === 'rbac.authorization.k8s.io/v1');
}

/** What a role allows besides when the chart is told more. */
function moreRules(role: Manifest, other: Manifest): readonly unknown[] {
  const rules = (role['rules'] ?? []) as readonly unknown[];
  const others = (other['rules'] ?? []) as readonly unknown[];
  const more = others.filter((rule) => !rules.some((each) => isDeepStrictEqual(each, rule)));
  if (others.length === rules.length + more.length) return more;
  throw new Error(`${role.kind} ${role.metadata.name} allows less where the chart is told more`);
}

function template(
  part: ChartPart['name'],
  { apiVersion, kind, metadata, rules, ...rest }: Manifest,
  more: readonly MoreRules[],
): string {
  const { name, namespace } = metadata;
  return [
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n`,
    namespace === undefined ? '' : `  namespace: ${templateOf(namespace)}\n`,
    `  labels:\n    {{- include "seaworthy.${part}.labels" $ | nindent 4 }}\n`,
    rules === undefined ? '' : yaml({ rules }),
    ...more.map((each) =>
      each.rules.length === 0 ? '' : `  {{- if ${each.when} }}\n${yaml(each.rules)}  {{- end }}\n`,
    ),
    Object.keys(rest).length === 0 ? '' : yaml(rest),
  ].join('');
}

function yaml(value: object): string {
  const text = dump(value, { lineWidth: -1, noRefs: true });
  return templateOf(Array.isArray(value) ? text.replaceAll(/^/gm, '  ').trimEnd().concat('\n') : text);
}
