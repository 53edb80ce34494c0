{{/* The name of everything, with the role behind it. */}}
{{- define "charcoal.name" -}}
{{- if contains "charcoal" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}{{ printf "%s-charcoal" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "charcoal.selector" -}}
app.kubernetes.io/name: charcoal
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "charcoal.labels" -}}
{{ include "charcoal.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "charcoal.image" -}}
{{- with .Values.image }}
{{- if .digest }}{{ .repository }}@{{ .digest }}
{{- else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{/* The Deployment of a role. It takes root, role, part (the values of the role), and
     replicas, which is null when something else counts them. */}}
{{- define "charcoal.deployment" -}}
{{- $root := .root }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "charcoal.name" $root }}-{{ .role }}
  labels:
    {{- include "charcoal.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .role }}
spec:
  {{- if ne .replicas nil }}
  replicas: {{ .replicas }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "charcoal.selector" $root | nindent 6 }}
      app.kubernetes.io/component: {{ .role }}
  strategy:
    rollingUpdate: {maxUnavailable: 0, maxSurge: 1}
  template:
    metadata:
      labels:
        {{- include "charcoal.labels" $root | nindent 8 }}
        app.kubernetes.io/component: {{ .role }}
      annotations:
        # The settings are read once, at the start.
        checksum/config: {{ toYaml $root.Values.config | sha256sum }}
        {{- with .part.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      serviceAccountName: {{ include "charcoal.name" $root }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ $root.Values.terminationGracePeriodSeconds }}
      {{- with $root.Values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
        runAsGroup: 65532
        fsGroup: 65532
        seccompProfile: {type: RuntimeDefault}
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "charcoal.selector" $root | nindent 14 }}
              app.kubernetes.io/component: {{ .role }}
      {{- with .part.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .part.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: charcoal
          image: {{ include "charcoal.image" $root | quote }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args: [serve, --config, /etc/charcoal/charcoal.yaml, --role, {{ .role }}, --addr, ":8080", --data, /data]
          env:
            {{- range $name, $key := $root.Values.secret.env }}
            {{- if $key }}
            - name: {{ $name }}
              valueFrom: {secretKeyRef: {name: {{ $root.Values.secret.name }}, key: {{ $key }}}}
            {{- end }}
            {{- end }}
            {{- range $name, $key := $root.Values.secret.optionalEnv }}
            {{- if $key }}
            - name: {{ $name }}
              valueFrom: {secretKeyRef: {name: {{ $root.Values.secret.name }}, key: {{ $key }}, optional: true}}
            {{- end }}
            {{- end }}
          ports:
            - {name: http, containerPort: 8080}
          # It answers /healthz from the first moment, /readyz when it works.
          livenessProbe:
            httpGet: {path: /healthz, port: http}
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          readinessProbe:
            httpGet: {path: /readyz, port: http}
            periodSeconds: 5
            timeoutSeconds: 5
            failureThreshold: 2
          lifecycle:
            preStop: {sleep: {seconds: 5}}
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
          resources:
            {{- toYaml .part.resources | nindent 12 }}
          volumeMounts:
            - {name: config, mountPath: /etc/charcoal, readOnly: true}
            - {name: data, mountPath: /data}
            - {name: tmp, mountPath: /tmp}
      volumes:
        - name: config
          configMap: {name: {{ include "charcoal.name" $root }}}
        - name: data
          emptyDir: {sizeLimit: {{ .part.dataSize }}}
        - name: tmp
          emptyDir: {sizeLimit: 1Gi}
{{- end }}
