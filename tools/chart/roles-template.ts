import { isDeepStrictEqual } from 'node:util';
import { dump } from 'js-yaml';
import { defaultManifestSettings, type ManifestSettings } from '../../src/admission/manifests/model.ts';
import { type Manifest, renderManifests } from '../../src/admission/manifests/render-manifests.ts';
import { literal } from './literal.ts';

/** Stand for namespaces until the chart knows them. */
const own = 'the-namespace-of-the-release';
const ofSecrets = 'a-namespace-of-secrets';

/** The roles of the webhook and who has them: those of the plain manifests, by what the chart is told of Secrets. */
export function rolesTemplate(): string {
  const some = rolesOf({ secretNamespaces: [ofSecrets] });
  const all = rolesOf({ clusterWideSecrets: true });
  const isOfSecrets = ({ metadata }: Manifest): boolean => metadata.namespace === ofSecrets;
  const always = some.filter((each) => !isOfSecrets(each));
  if (always.length !== all.length) throw new Error('the roles differ by more than what they say of Secrets');
  return [
    '{{- /* Written by tools/chart.ts, from what `seaworthy admission manifests` writes. */ -}}\n',
    always.map((role, at) => template(role, moreRules(role, all[at] as Manifest))).join('---\n'),
    '{{- if not .Values.admission.secrets.clusterWide }}\n',
    '{{- range $namespace := .Values.admission.secrets.namespaces }}\n',
    some.filter(isOfSecrets).map((role) => `---\n${template(role, [])}`),
    '{{- end }}\n{{- end }}\n',
  ]
    .flat()
    .join('');
}

function rolesOf(change: Partial<ManifestSettings>): readonly Manifest[] {
  return renderManifests({ ...defaultManifestSettings, namespace: own, image: 'unused', ...change }).filter(
    ({ apiVersion }) => apiVersion === 'rbac.authorization.k8s.io/v1',
  );
}

/** What a role allows besides where every Secret may be read. */
function moreRules(role: Manifest, other: Manifest): readonly unknown[] {
  const rules = (role['rules'] ?? []) as readonly unknown[];
  const others = (other['rules'] ?? []) as readonly unknown[];
  const more = others.filter((rule) => !rules.some((each) => isDeepStrictEqual(each, rule)));
  if (others.length === rules.length + more.length) return more;
  throw new Error(`${role.kind} ${role.metadata.name} allows less where every Secret may be read`);
}

function template({ apiVersion, kind, metadata, rules, ...rest }: Manifest, more: readonly unknown[]): string {
  const { name, namespace } = metadata;
  return [
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n`,
    namespace === undefined ? '' : `  namespace: ${placed(namespace)}\n`,
    '  labels:\n    {{- include "seaworthy.admission.labels" $ | nindent 4 }}\n',
    rules === undefined ? '' : yaml({ rules }),
    more.length === 0 ? '' : `  {{- if .Values.admission.secrets.clusterWide }}\n${yaml(more)}  {{- end }}\n`,
    Object.keys(rest).length === 0 ? '' : yaml(rest),
  ].join('');
}

function yaml(value: object): string {
  const text = literal(dump(value, { lineWidth: -1, noRefs: true }));
  return placed(Array.isArray(value) ? text.replaceAll(/^/gm, '  ').trimEnd().concat('\n') : text);
}

function placed(text: string): string {
  return text.replaceAll(own, '{{ $.Release.Namespace }}').replaceAll(ofSecrets, '{{ $namespace }}');
}
