import { dump } from 'js-yaml';
import type { Manifest } from '../../src/admission/manifests/render-manifests.ts';
import { literal } from './literal.ts';

/** A definition as a template. It stays when the chart goes, since all objects of its type would go with it. */
export function definitionTemplate({ apiVersion, kind, metadata, ...rest }: Manifest): string {
  const body = literal(dump(rest, { lineWidth: -1, noRefs: true }));
  return `{{- /* Written by tools/chart.ts. */ -}}
{{- if .Values.crds.install }}
apiVersion: ${apiVersion}
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
