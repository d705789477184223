import { dump } from 'js-yaml';
import type { Manifest } from '../../src/kubernetes/manifest.ts';
import type { ChartPart } from './parts.ts';
import { literal } from './literal.ts';

/** A definition as a template. It stays when the chart goes, since all objects of its type would go with it. */
export function definitionTemplate(part: ChartPart['name'], { apiVersion, kind, metadata, ...rest }: Manifest): string {
  // Those of reports may be trivy-operator's, which are left as they are.
  const before =
    part === 'admission'
      ? '{{- if .Values.crds.install }}\n'
      : `{{- $there := lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" "${metadata.name}" }}
{{- $owner := dig "metadata" "annotations" "meta.helm.sh/release-name" "" ($there | default dict) }}
{{- if and .Values.crds.install .Values.operator.enabled (or (not $there) (eq $owner .Release.Name)) }}
`;
  const body = literal(dump(rest, { lineWidth: -1, noRefs: true }));
  return `{{- /* Written by tools/chart.ts. */ -}}
${before}apiVersion: ${apiVersion}
kind: ${kind}
metadata:
  name: ${metadata.name}
  labels:
    {{- include "seaworthy.labels" . | nindent 4 }}
  annotations:
    helm.sh/resource-policy: keep
${body}{{- end }}
`;
}
