{{- define "lead-router.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "lead-router.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "lead-router.labels" -}}
{{ include "lead-router.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "lead-router.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "lead-router.configMap" -}}
{{- .Values.config.existingConfigMap | default (printf "%s-config" (include "lead-router.name" .)) -}}
{{- end -}}

{{/* What values.schema.json cannot say. */}}
{{- define "lead-router.check" -}}
{{- if and (eq .Values.store.kind "embedded") (ne (int .Values.replicaCount) 1) -}}
{{- fail "store.kind embedded takes exactly one replica: set replicaCount to 1, or use Redis" -}}
{{- end -}}
{{- if eq .Values.store.kind "redis" -}}
{{- if not (or .Values.store.redis.url .Values.store.redis.secret.name) -}}
{{- fail "store.redis needs a url, or a secret that holds one" -}}
{{- end -}}
{{- if not .Values.masterKey.secret.name -}}
{{- fail "masterKey.secret.name is missing: all replicas on one Redis need the same master key" -}}
{{- end -}}
{{- end -}}
{{- if and .Values.config.existingConfigMap .Values.config.files -}}
{{- fail "give either config.existingConfigMap or config.files" -}}
{{- end -}}
{{- if and .Values.config.existingConfigMap (not .Values.config.items) -}}
{{- fail "config.items is missing: it says which key of the ConfigMap is which file of the folder" -}}
{{- end -}}
{{- if not (or .Values.config.existingConfigMap .Values.config.files) -}}
{{- fail "there is no configuration: give config.files or config.existingConfigMap" -}}
{{- end -}}
{{- end -}}

{{- define "lead-router.pod" -}}
metadata:
  labels:
    {{- include "lead-router.selector" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .Values.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    seccompProfile: { type: RuntimeDefault }
  {{- with .Values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: lead-router
      image: {{ include "lead-router.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [serve, --public, "0.0.0.0:8080", --private, "0.0.0.0:8081"]
      env:
        - name: LEAD_ROUTER_CONFIG
          value: /etc/lead-router
        - name: LEAD_ROUTER_RUNTIME_FILE
          value: /run/lead-router/runtime.json
        - name: LEAD_ROUTER_STORE
          {{- if eq .Values.store.kind "embedded" }}
          value: embedded:/data/store
          {{- else if .Values.store.redis.secret.name }}
          valueFrom:
            secretKeyRef: { name: {{ .Values.store.redis.secret.name | quote }}, key: {{ .Values.store.redis.secret.key | quote }} }
          {{- else }}
          value: {{ .Values.store.redis.url | quote }}
          {{- end }}
        {{- if .Values.masterKey.secret.name }}
        - name: LEAD_ROUTER_KEY
          valueFrom:
            secretKeyRef: { name: {{ .Values.masterKey.secret.name | quote }}, key: {{ .Values.masterKey.secret.key | quote }} }
        {{- end }}
        {{- with .Values.env }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with .Values.secrets.envFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - { name: public, containerPort: 8080 }
        - { name: private, containerPort: 8081 }
      startupProbe:
        httpGet: { path: /readyz, port: public }
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet: { path: /healthz, port: public }
        periodSeconds: 10
        timeoutSeconds: 3
        failureThreshold: 3
      readinessProbe:
        httpGet: { path: /readyz, port: public }
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 2
      {{- if .Values.preStopSeconds }}
      lifecycle:
        preStop:
          exec: { command: [sleep, {{ .Values.preStopSeconds | quote }}] }
      {{- end }}
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      volumeMounts:
        - { name: config, mountPath: /etc/lead-router, readOnly: true }
        - { name: run, mountPath: /run/lead-router }
        {{- if .Values.secrets.files }}
        - { name: secrets, mountPath: /run/secrets/lead-router, readOnly: true }
        {{- end }}
        {{- if eq .Values.store.kind "embedded" }}
        - { name: data, mountPath: /data }
        {{- end }}
  volumes:
    - name: config
      configMap:
        name: {{ include "lead-router.configMap" . }}
        items:
          {{- if .Values.config.existingConfigMap }}
          {{- toYaml .Values.config.items | nindent 10 }}
          {{- else }}
          {{- range $path, $_ := .Values.config.files }}
          - { key: {{ $path | replace "/" "__" | quote }}, path: {{ $path | quote }} }
          {{- end }}
          {{- end }}
    - name: run
      emptyDir: { medium: Memory, sizeLimit: 1Mi }
    {{- if .Values.secrets.files }}
    - name: secrets
      secret: { secretName: {{ .Values.secrets.files | quote }}, defaultMode: 0440 }
    {{- end }}
  {{- if eq .Values.store.kind "redis" }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "lead-router.selector" . | nindent 10 }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}
