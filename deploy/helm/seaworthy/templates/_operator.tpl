{{- /* Written by tools/chart.ts, from what `seaworthy operator manifests` writes. */ -}}

{{- define "seaworthy.operator.name" -}}
seaworthy-operator
{{- end }}

{{- define "seaworthy.operator.selector" -}}
app.kubernetes.io/name: seaworthy-operator
{{- end }}

{{- define "seaworthy.operator.strategy" -}}
type: RollingUpdate
rollingUpdate:
  maxUnavailable: 1
  maxSurge: 1
{{- end }}

{{- define "seaworthy.operator.terminationGracePeriodSeconds" -}}
30
{{- end }}

{{- define "seaworthy.operator.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "seaworthy.operator.volumes" -}}
- name: tmp
  emptyDir:
    sizeLimit: 256Mi
- name: cache
  emptyDir:
    sizeLimit: 6Gi
{{- end }}

{{- define "seaworthy.operator.args" -}}
- operator
- serve
- --namespace
- {{ $.Release.Namespace }}
- --listen
- :8080
- --cache-dir
- /var/cache/seaworthy
{{- end }}

{{- define "seaworthy.operator.containerPorts" -}}
- name: plain
  containerPort: 8080
{{- end }}

{{- define "seaworthy.operator.probes" -}}
startupProbe:
  httpGet:
    path: /healthz
    port: plain
  periodSeconds: 10
  timeoutSeconds: 3
  failureThreshold: 30
livenessProbe:
  httpGet:
    path: /healthz
    port: plain
  periodSeconds: 10
  timeoutSeconds: 3
  failureThreshold: 6
readinessProbe:
  httpGet:
    path: /readyz
    port: plain
  periodSeconds: 10
  timeoutSeconds: 3
  failureThreshold: 3
{{- end }}

{{- define "seaworthy.operator.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
privileged: false
capabilities:
  drop:
    - ALL
{{- end }}

{{- define "seaworthy.operator.volumeMounts" -}}
- name: tmp
  mountPath: /tmp
- name: cache
  mountPath: /var/cache/seaworthy
{{- end }}

{{- define "seaworthy.operator.servicePorts" -}}
- name: plain
  port: 8080
  targetPort: plain
{{- end }}

{{- define "seaworthy.operator.ingressPorts" -}}
- protocol: TCP
  port: 8080
{{- end }}

{{- define "seaworthy.operator.flags" -}}
{{- range .Values.operator.settings.includeNamespaces }}
- {{ printf "--include-namespaces=%s" . | quote }}
{{- end }}
{{- range .Values.operator.settings.excludeNamespaces }}
- {{ printf "--exclude-namespaces=%s" . | quote }}
{{- end }}
{{- if .Values.operator.settings.noSbomReports }}
- --no-sbom-reports
{{- end }}
{{- with .Values.operator.settings.reportAge }}
- {{ printf "--report-age=%s" . | quote }}
{{- end }}
{{- with .Values.operator.settings.databaseUpdate }}
- {{ printf "--database-update=%s" . | quote }}
{{- end }}
{{- with .Values.operator.settings.scanWorkers }}
- {{ printf "--scan-workers=%s" . | quote }}
{{- end }}
{{- with .Values.operator.settings.scanMemory }}
- {{ printf "--scan-memory=%s" . | quote }}
{{- end }}
{{- with .Values.operator.settings.scanTime }}
- {{ printf "--scan-time=%s" . | quote }}
{{- end }}
{{- range .Values.operator.settings.pullSecret }}
- {{ printf "--pull-secret=%s" . | quote }}
{{- end }}
{{- range .Values.operator.settings.provider }}
- {{ printf "--provider=%s" . | quote }}
{{- end }}
{{- range .Values.operator.settings.registryRate }}
- {{ printf "--registry-rate=%s" . | quote }}
{{- end }}
{{- range .Values.operator.settings.allowRegistry }}
- {{ printf "--allow-registry=%s" . | quote }}
{{- end }}
{{- range .Values.operator.settings.denyRegistry }}
- {{ printf "--deny-registry=%s" . | quote }}
{{- end }}
{{- range .Values.operator.settings.refuseNetwork }}
- {{ printf "--refuse-network=%s" . | quote }}
{{- end }}
{{- if .Values.operator.settings.quiet }}
- --quiet
{{- end }}
{{- if .Values.operator.settings.debug }}
- --debug
{{- end }}
{{- if .Values.operator.settings.offline }}
- --offline
{{- end }}
{{- range .Values.operator.settings.caCert }}
- {{ printf "--ca-cert=%s" . | quote }}
{{- end }}
{{- range .Values.operator.settings.insecure }}
- {{ printf "--insecure=%s" . | quote }}
{{- end }}
{{- range .Values.operator.settings.plainHttp }}
- {{ printf "--plain-http=%s" . | quote }}
{{- end }}
{{- with .Values.operator.settings.cacheSize }}
- {{ printf "--cache-size=%s" . | quote }}
{{- end }}
{{- with .Values.operator.settings.dbSource }}
- {{ printf "--db-source=%s" . | quote }}
{{- end }}
{{- end }}
