{{- /* Written by tools/chart.ts, from what `seaworthy admission manifests` writes. */ -}}

{{- define "seaworthy.admission.name" -}}
seaworthy-admission
{{- end }}

{{- define "seaworthy.admission.selector" -}}
app.kubernetes.io/name: seaworthy-admission
{{- end }}

{{- define "seaworthy.admission.strategy" -}}
type: RollingUpdate
rollingUpdate:
  maxUnavailable: 0
  maxSurge: 1
{{- end }}

{{- define "seaworthy.admission.terminationGracePeriodSeconds" -}}
45
{{- end }}

{{- define "seaworthy.admission.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "seaworthy.admission.topologySpreadConstraints" -}}
- maxSkew: 1
  topologyKey: topology.kubernetes.io/zone
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      app.kubernetes.io/name: seaworthy-admission
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      app.kubernetes.io/name: seaworthy-admission
{{- end }}

{{- define "seaworthy.admission.volumes" -}}
- name: tmp
  emptyDir:
    sizeLimit: 256Mi
- name: cache
  emptyDir:
    sizeLimit: 1Gi
{{- end }}

{{- define "seaworthy.admission.args" -}}
- admission
- serve
- --cluster
- --namespace
- {{ $.Release.Namespace }}
- --service
- seaworthy-admission
- --listen
- :8443
- --metrics-listen
- :8080
- --cache-dir
- /var/cache/seaworthy
{{- end }}

{{- define "seaworthy.admission.containerPorts" -}}
- name: reviews
  containerPort: 8443
- name: plain
  containerPort: 8080
{{- end }}

{{- define "seaworthy.admission.probes" -}}
startupProbe:
  httpGet:
    path: /healthz
    port: plain
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 30
livenessProbe:
  httpGet:
    path: /healthz
    port: plain
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 6
readinessProbe:
  httpGet:
    path: /readyz
    port: plain
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 1
{{- end }}

{{- define "seaworthy.admission.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
privileged: false
capabilities:
  drop:
    - ALL
{{- end }}

{{- define "seaworthy.admission.volumeMounts" -}}
- name: tmp
  mountPath: /tmp
- name: cache
  mountPath: /var/cache/seaworthy
{{- end }}

{{- define "seaworthy.admission.servicePorts" -}}
- name: reviews
  port: 443
  targetPort: reviews
- name: plain
  port: 8080
  targetPort: plain
{{- end }}

{{- define "seaworthy.admission.ingressPorts" -}}
- protocol: TCP
  port: 8443
- protocol: TCP
  port: 8080
{{- end }}

{{- define "seaworthy.admission.gatekeeper.args" -}}
- --gatekeeper-listen=:{{ $.Values.admission.gatekeeper.port }}
{{- range $.Values.admission.gatekeeper.providers }}
- --gatekeeper-provider={{ . }}
{{- end }}
- --gatekeeper-timeout={{ $.Values.admission.gatekeeper.timeoutSeconds }}
- --gatekeeper-mutate-timeout={{ $.Values.admission.gatekeeper.mutateTimeoutSeconds }}
{{- end }}

{{- define "seaworthy.admission.gatekeeper.containerPorts" -}}
- name: gatekeeper
  containerPort: {{ $.Values.admission.gatekeeper.port }}
{{- end }}

{{- define "seaworthy.admission.gatekeeper.servicePorts" -}}
- name: gatekeeper
  port: {{ $.Values.admission.gatekeeper.port }}
  targetPort: gatekeeper
{{- end }}

{{- define "seaworthy.admission.gatekeeper.ingress" -}}
- ports:
    - protocol: TCP
      port: {{ $.Values.admission.gatekeeper.port }}
  from:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ $.Values.admission.gatekeeper.namespace | quote }}
{{- end }}

{{- define "seaworthy.admission.gatekeeper.clientCa.args" -}}
- --gatekeeper-client-ca=/etc/seaworthy/gatekeeper/ca.crt
{{- end }}

{{- define "seaworthy.admission.gatekeeper.clientCa.volumeMounts" -}}
- name: gatekeeper
  mountPath: /etc/seaworthy/gatekeeper
  readOnly: true
{{- end }}

{{- define "seaworthy.admission.gatekeeper.clientCa.volumes" -}}
- name: gatekeeper
  configMap:
    name: {{ $.Values.admission.gatekeeper.clientCaConfigMap | quote }}
{{- end }}

{{- define "seaworthy.admission.cleanupClusterRules" -}}
- apiGroups:
    - admissionregistration.k8s.io
  resources:
    - validatingwebhookconfigurations
    - mutatingwebhookconfigurations
  resourceNames:
    - seaworthy-admission
  verbs:
    - get
    - delete
- apiGroups:
    - verdicts.seaworthy.dev
  resources:
    - imageverdicts
  verbs:
    - list
    - delete
{{- end }}

{{- define "seaworthy.admission.cleanupOwnRules" -}}
- apiGroups:
    - apps
  resources:
    - deployments
  resourceNames:
    - seaworthy-admission
  verbs:
    - get
    - patch
- apiGroups:
    - coordination.k8s.io
  resources:
    - leases
  resourceNames:
    - seaworthy-admission
  verbs:
    - get
    - delete
- apiGroups:
    - ''
  resources:
    - secrets
  resourceNames:
    - seaworthy-admission-tls
    - seaworthy-admission-seal
  verbs:
    - get
    - delete
{{- end }}

{{- define "seaworthy.admission.flags" -}}
{{- range .Values.admission.settings.exceptNamespace }}
- {{ printf "--except-namespace=%s" . | quote }}
{{- end }}
{{- range .Values.admission.settings.pullSecret }}
- {{ printf "--pull-secret=%s" . | quote }}
{{- end }}
{{- range .Values.admission.settings.provider }}
- {{ printf "--provider=%s" . | quote }}
{{- end }}
{{- range .Values.admission.settings.registryRate }}
- {{ printf "--registry-rate=%s" . | quote }}
{{- end }}
{{- range .Values.admission.settings.allowRegistry }}
- {{ printf "--allow-registry=%s" . | quote }}
{{- end }}
{{- range .Values.admission.settings.denyRegistry }}
- {{ printf "--deny-registry=%s" . | quote }}
{{- end }}
{{- range .Values.admission.settings.refuseNetwork }}
- {{ printf "--refuse-network=%s" . | quote }}
{{- end }}
{{- range .Values.admission.settings.platform }}
- {{ printf "--platform=%s" . | quote }}
{{- end }}
{{- if .Values.admission.settings.logKeys }}
- --log-keys
{{- end }}
{{- if .Values.admission.settings.kyvernoExact }}
- --kyverno-exact
{{- end }}
{{- if .Values.admission.settings.optInNamespaces }}
- --opt-in-namespaces
{{- end }}
{{- with .Values.admission.settings.unmatched }}
- {{ printf "--unmatched=%s" . | quote }}
{{- end }}
{{- with .Values.admission.settings.kyvernoNamespace }}
- {{ printf "--kyverno-namespace=%s" . | quote }}
{{- end }}
{{- with .Values.admission.settings.defaultRegistry }}
- {{ printf "--default-registry=%s" . | quote }}
{{- end }}
{{- if .Values.admission.settings.allowUnsupported }}
- --allow-unsupported
{{- end }}
{{- with .Values.admission.settings.exceptionNamespace }}
- {{ printf "--exception-namespace=%s" . | quote }}
{{- end }}
{{- with .Values.admission.settings.verdictAge }}
- {{ printf "--verdict-age=%s" . | quote }}
{{- end }}
{{- with .Values.admission.settings.staleAge }}
- {{ printf "--stale-age=%s" . | quote }}
{{- end }}
{{- with .Values.admission.settings.verdictFile }}
- {{ printf "--verdict-file=%s" . | quote }}
{{- end }}
{{- if .Values.admission.settings.noReports }}
- --no-reports
{{- end }}
{{- if .Values.admission.settings.noEvents }}
- --no-events
{{- end }}
{{- with .Values.admission.settings.backgroundInterval }}
- {{ printf "--background-interval=%s" . | quote }}
{{- end }}
{{- with .Values.admission.settings.scanWorkers }}
- {{ printf "--scan-workers=%s" . | quote }}
{{- end }}
{{- with .Values.admission.settings.scanMemory }}
- {{ printf "--scan-memory=%s" . | quote }}
{{- end }}
{{- with .Values.admission.settings.scanTime }}
- {{ printf "--scan-time=%s" . | quote }}
{{- end }}
{{- if .Values.admission.settings.quiet }}
- --quiet
{{- end }}
{{- if .Values.admission.settings.debug }}
- --debug
{{- end }}
{{- if .Values.admission.settings.offline }}
- --offline
{{- end }}
{{- range .Values.admission.settings.caCert }}
- {{ printf "--ca-cert=%s" . | quote }}
{{- end }}
{{- range .Values.admission.settings.insecure }}
- {{ printf "--insecure=%s" . | quote }}
{{- end }}
{{- range .Values.admission.settings.plainHttp }}
- {{ printf "--plain-http=%s" . | quote }}
{{- end }}
{{- with .Values.admission.settings.cacheSize }}
- {{ printf "--cache-size=%s" . | quote }}
{{- end }}
{{- if .Values.admission.settings.noCache }}
- --no-cache
{{- end }}
{{- range .Values.admission.settings.sbomKey }}
- {{ printf "--sbom-key=%s" . | quote }}
{{- end }}
{{- with .Values.admission.settings.trustedRoot }}
- {{ printf "--trusted-root=%s" . | quote }}
{{- end }}
{{- with .Values.admission.settings.tufMirror }}
- {{ printf "--tuf-mirror=%s" . | quote }}
{{- end }}
{{- with .Values.admission.settings.tufRoot }}
- {{ printf "--tuf-root=%s" . | quote }}
{{- end }}
{{- end }}
