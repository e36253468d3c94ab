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

{{- define "lead-router.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "lead-router.name" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{/* The most replicas there may be. */}}
{{- define "lead-router.replicas" -}}
{{- if .Values.autoscaling.enabled -}}
{{- .Values.autoscaling.maxReplicas -}}
{{- else -}}
{{- .Values.replicaCount -}}
{{- end -}}
{{- end -}}

{{/* What values.schema.json cannot say, or says less clearly. */}}
{{- define "lead-router.check" -}}
{{- $redis := .Values.store.redis -}}
{{- if eq .Values.store.kind "embedded" -}}
{{- if ne (int .Values.replicaCount) 1 -}}
{{- fail "store.kind embedded takes exactly one replica: set replicaCount to 1, or use Redis" -}}
{{- end -}}
{{- if .Values.autoscaling.enabled -}}
{{- fail "store.kind embedded cannot be scaled: its data is one file of one process; switch autoscaling off, or use Redis" -}}
{{- end -}}
{{- if or $redis.url $redis.secret.name -}}
{{- fail "two stores are named: store.kind is embedded, and store.redis names a Redis; take one away" -}}
{{- end -}}
{{- else -}}
{{- if not (or $redis.url $redis.secret.name) -}}
{{- fail "store.redis needs a url, or a secret that holds one" -}}
{{- end -}}
{{- if and $redis.url $redis.secret.name -}}
{{- fail "store.redis has a url and a secret: take one away" -}}
{{- end -}}
{{- if not .Values.masterKey.secret.name -}}
{{- fail "masterKey.secret.name is missing: all replicas on one Redis need the same master key" -}}
{{- end -}}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) -}}
{{- fail "autoscaling.minReplicas is more than maxReplicas" -}}
{{- end -}}
{{- end -}}
{{- if and $redis.ca.configMap $redis.ca.secret -}}
{{- fail "store.redis.ca has a configMap and a secret: take one away" -}}
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
{{- if lt (int .Values.terminationGracePeriodSeconds) (add (int .Values.preStopSeconds) 30 | int) -}}
{{- fail "terminationGracePeriodSeconds is too short: preStopSeconds, then up to 25 s to finish what is in flight, and 5 s more" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) -}}
{{- fail "ingress.hosts is empty: name the host that inquiries are sent to" -}}
{{- end -}}
{{- if .Values.serviceMonitor.enabled -}}
{{- if not .Values.serviceMonitor.key.name -}}
{{- fail "serviceMonitor.key.name is missing: /metrics wants an API key with the scope metrics" -}}
{{- end -}}
{{- if and .Values.networkPolicy.enabled (not .Values.networkPolicy.privateFrom) -}}
{{- fail "networkPolicy.privateFrom is empty: Prometheus could not reach the private listener" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "lead-router.pod" -}}
metadata:
  labels:
    {{- include "lead-router.selector" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- if or .Values.podAnnotations .Values.secrets.values }}
  annotations:
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- with .Values.secrets.values }}
    # A process' environment cannot change; files can, so the configuration has no such line.
    checksum/secrets: {{ toJson . | sha256sum }}
    {{- end }}
  {{- end }}
spec:
  serviceAccountName: {{ include "lead-router.serviceAccount" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    runAsGroup: 10001
    fsGroup: 10001
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: { type: RuntimeDefault }
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . | quote }}
  {{- end }}
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
      {{- if or .Values.secrets.envFrom .Values.secrets.values }}
      envFrom:
        {{- with .Values.secrets.envFrom }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- if .Values.secrets.values }}
        - secretRef: { name: {{ include "lead-router.name" . }}-secrets }
        {{- end }}
      {{- end }}
      ports:
        - { name: public, containerPort: 8080 }
        - { name: private, containerPort: 8081 }
      startupProbe:
        httpGet: { path: /readyz, port: public }
        periodSeconds: 2
        failureThreshold: 60
      # On the listener that strangers cannot fill.
      livenessProbe:
        httpGet: { path: /healthz, port: private }
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
          sleep: { seconds: {{ .Values.preStopSeconds }} }
      {{- end }}
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      volumeMounts:
        # The whole folder, never a subPath: what is mounted by subPath does not follow changes.
        - { name: config, mountPath: /etc/lead-router, readOnly: true }
        - { name: run, mountPath: /run/lead-router }
        {{- if .Values.secrets.files }}
        - { name: secrets, mountPath: /run/secrets/lead-router, readOnly: true }
        {{- end }}
        {{- if eq .Values.store.kind "embedded" }}
        - { name: data, mountPath: /data }
        {{- else if or .Values.store.redis.ca.configMap .Values.store.redis.ca.secret }}
        - { name: redis-ca, mountPath: /etc/redis-ca, readOnly: true }
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
    {{- with .Values.store.redis.ca }}
    {{- if .configMap }}
    - name: redis-ca
      configMap: { name: {{ .configMap | quote }}, items: [{ key: {{ .key | quote }}, path: ca.crt }] }
    {{- else if .secret }}
    - name: redis-ca
      secret: { secretName: {{ .secret | quote }}, items: [{ key: {{ .key | quote }}, path: ca.crt }], defaultMode: 0440 }
    {{- end }}
    {{- end }}
  topologySpreadConstraints:
    {{- if .Values.topologySpreadConstraints }}
    {{- toYaml .Values.topologySpreadConstraints | nindent 4 }}
    {{- else }}
    {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "lead-router.selector" $ | nindent 10 }}
    {{- end }}
    {{- end }}
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
