{{- /* Labels of all objects. */ -}}
{{- define "seaworthy.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: seaworthy
{{- end }}

{{- define "seaworthy.image" -}}
{{- $repository := required "Set image.repository to where the image of Seaworthy is, and best image.digest too" .Values.image.repository -}}
{{- if .Values.image.digest -}}
{{ $repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ $repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}

{{- define "seaworthy.admission.labels" -}}
{{ include "seaworthy.labels" . }}
{{ include "seaworthy.admission.selector" . }}
{{- end }}

{{- /* Of the Job that runs before the chart is uninstalled, and what it needs: other Pods than those of the Service. */ -}}
{{- define "seaworthy.admission.cleanup.name" -}}
{{ include "seaworthy.admission.name" . }}-cleanup
{{- end }}

{{- define "seaworthy.admission.cleanup.labels" -}}
{{ include "seaworthy.labels" . }}
app.kubernetes.io/name: {{ include "seaworthy.admission.cleanup.name" . }}
{{- end }}

{{- /* The Secret with the certificate that cert-manager makes: another one than that of the webhook's own. */ -}}
{{- define "seaworthy.admission.certificateSecret" -}}
{{ include "seaworthy.admission.name" . }}-cert-manager
{{- end }}

{{- /* Settings of a container, each in the place of ours where it is given. */ -}}
{{- define "seaworthy.admission.containerContext" -}}
{{- with .Values.admission.securityContext }}{{ toYaml . }}{{ else }}{{ include "seaworthy.admission.securityContext" . }}{{ end }}
{{- end }}

{{- define "seaworthy.admission.podContext" -}}
{{- with .Values.admission.podSecurityContext }}{{ toYaml . }}{{ else }}{{ include "seaworthy.admission.podSecurityContext" . }}{{ end }}
{{- end }}

{{- define "seaworthy.operator.labels" -}}
{{ include "seaworthy.labels" . }}
{{ include "seaworthy.operator.selector" . }}
{{- end }}

{{- define "seaworthy.operator.containerContext" -}}
{{- with .Values.operator.securityContext }}{{ toYaml . }}{{ else }}{{ include "seaworthy.operator.securityContext" . }}{{ end }}
{{- end }}

{{- define "seaworthy.operator.podContext" -}}
{{- with .Values.operator.podSecurityContext }}{{ toYaml . }}{{ else }}{{ include "seaworthy.operator.podSecurityContext" . }}{{ end }}
{{- end }}
