package deploy_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/lint"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"
)

const chartDir = "helm/charcoal"

// What probes ask; TestServes asks the program.
const (
	livenessPath  = "/healthz"
	readinessPath = "/readyz"
)

// variants are the values that the chart is tried with.
var variants = []struct {
	name   string
	values string // in YAML, over the chart's own
	file   string // instead
	kinds  string // of the objects that come
}{
	{
		name:  "default",
		kinds: "ConfigMap 2×Deployment HorizontalPodAutoscaler 2×NetworkPolicy 2×PodDisruptionBudget Service ServiceAccount",
	},
	{
		name: "production", file: "helm/production.yaml",
		kinds: "ConfigMap 2×Deployment HorizontalPodAutoscaler Ingress 2×NetworkPolicy 2×PodDisruptionBudget ScaledObject Service ServiceAccount",
	},
	{
		name:   "nothing optional",
		values: "{api: {replicas: 1, autoscaling: {enabled: false}}, networkPolicy: {enabled: false}}",
		kinds:  "ConfigMap 2×Deployment 2×PodDisruptionBudget Service ServiceAccount",
	},
	{
		name:   "everything optional",
		values: "{imagePullSecrets: [{name: pull}], api: {podAnnotations: {a: b}, nodeSelector: {c: d}, tolerations: [{operator: Exists}]}, worker: {keda: {enabled: true}}}",
		kinds:  "ConfigMap 2×Deployment HorizontalPodAutoscaler 2×NetworkPolicy 2×PodDisruptionBudget ScaledObject Service ServiceAccount",
	},
}

func TestChart(t *testing.T) {
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			values := readValues(t, v.values, v.file)
			for _, m := range lint.RunAll(chartDir, values, "charcoal").Messages {
				if !strings.Contains(m.Error(), "icon is recommended") {
					t.Errorf("lint: %v", m)
				}
			}
			all := render(t, values)
			if got := strings.Join(all.kinds(), " "); got != v.kinds {
				t.Errorf("kinds:\n got %s\nwant %s", got, v.kinds)
			}
			for _, role := range []string{"api", "worker"} {
				t.Run(role, func(t *testing.T) { all.checkDeployment(t, role) })
			}
			all.checkSelectors(t)
		})
	}
}

func TestChartRefuses(t *testing.T) {
	tests := []struct{ name, values string }{
		{"a secret among the settings", "{config: {store: 'postgres://u:p@db/charcoal'}}"},
		{"a key among the settings", "{config: {hooks: {key: abc}}}"},
		{"files, which pods do not share", "{config: {blobs: file}}"},
		{"a queue in memory", "{config: {queue: memory}}"},
		{"a name that means nothing", "{api: {replicaz: 3}}"},
		{"an ingress without TLS", "{ingress: {enabled: true, host: art.example.com}}"},
		{"no store", "{secret: {env: {CHARCOAL_STORE: null}}}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := renderText(t.Context(), readValues(t, tt.values, "")); err == nil {
				t.Error("it was taken")
			}
		})
	}
}

// objects are what a chart makes.
type objects []any

// scaledObject is what the chart uses of KEDA's API, keda.sh/v1alpha1.
type scaledObject struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Metadata   map[string]any    `json:"metadata"`
	Spec       scaledObjectSpecs `json:"spec"`
}

type scaledObjectSpecs struct {
	ScaleTargetRef struct {
		Name string `json:"name"`
	} `json:"scaleTargetRef"`
	MinReplicaCount int32 `json:"minReplicaCount"`
	MaxReplicaCount int32 `json:"maxReplicaCount"`
	Triggers        []struct {
		Type     string            `json:"type"`
		Metadata map[string]string `json:"metadata"`
	} `json:"triggers"`
}

// newObject returns an empty object of a kind, or nil when no chart of ours has one.
func newObject(apiVersion, kind string) any {
	return map[string]any{
		"v1 ConfigMap":                           new(corev1.ConfigMap),
		"v1 Service":                             new(corev1.Service),
		"v1 ServiceAccount":                      new(corev1.ServiceAccount),
		"apps/v1 Deployment":                     new(appsv1.Deployment),
		"autoscaling/v2 HorizontalPodAutoscaler": new(autoscalingv2.HorizontalPodAutoscaler),
		"networking.k8s.io/v1 Ingress":           new(networkingv1.Ingress),
		"networking.k8s.io/v1 NetworkPolicy":     new(networkingv1.NetworkPolicy),
		"policy/v1 PodDisruptionBudget":          new(policyv1.PodDisruptionBudget),
		"keda.sh/v1alpha1 ScaledObject":          new(scaledObject),
	}[apiVersion+" "+kind]
}

type header struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
}

// readValues reads values, from text or from a file.
func readValues(t *testing.T, text, file string) map[string]any {
	t.Helper()
	if file != "" {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text = string(data)
	}
	values := map[string]any{}
	if err := yaml.UnmarshalStrict([]byte(text), &values); err != nil {
		t.Fatal(err)
	}
	return values
}

// renderText renders the chart, as helm install does.
func renderText(ctx context.Context, values map[string]any) (map[string]string, error) {
	chart, err := loader.Load(chartDir)
	if err != nil {
		return nil, err
	}
	release := common.ReleaseOptions{Name: "charcoal", Namespace: "art", Revision: 1, IsInstall: true}
	all, err := util.ToRenderValues(chart, values, release, common.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	return engine.Engine{Strict: true}.RenderWithContext(ctx, chart, all)
}

// render returns the objects, each decoded as strictly as an API server can: a field
// that is not there is an error.
func render(t *testing.T, values map[string]any) (all objects) {
	t.Helper()
	files, err := renderText(t.Context(), values)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if filepath.Ext(name) != ".yaml" {
			continue
		}
		for text := range strings.SplitSeq(files[name], "\n---\n") {
			if strings.TrimSpace(text) != "" {
				all = append(all, decode(t, name, text))
			}
		}
	}
	return all
}

func decode(t *testing.T, name, text string) any {
	t.Helper()
	var h header
	if err := yaml.Unmarshal([]byte(text), &h); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, text)
	}
	object := newObject(h.APIVersion, h.Kind)
	if object == nil {
		t.Fatalf("%s: an object of kind %s %s\n%s", name, h.APIVersion, h.Kind, text)
	}
	if err := yaml.UnmarshalStrict([]byte(text), object); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, text)
	}
	return object
}

// of returns the objects of a type.
func of[T any](all objects) (some []T) {
	for _, object := range all {
		if o, ok := object.(T); ok {
			some = append(some, o)
		}
	}
	return some
}

// kinds returns the kinds of the objects, with how many there are of each.
func (all objects) kinds() (kinds []string) {
	counts := map[string]int{}
	for _, object := range all {
		text, err := yaml.Marshal(object)
		var h header
		if err == nil && yaml.Unmarshal(text, &h) == nil {
			counts[h.Kind]++
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		if counts[kind] > 1 {
			kinds = append(kinds, fmt.Sprintf("%d×%s", counts[kind], kind))
		} else {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

func (all objects) deployment(t *testing.T, role string) *appsv1.Deployment {
	t.Helper()
	for _, d := range of[*appsv1.Deployment](all) {
		if d.Name == "charcoal-"+role {
			return d
		}
	}
	t.Fatalf("there is no deployment for the role %s", role)
	return nil
}

// checkDeployment checks that the pods of a role start, and may do nothing else.
func (all objects) checkDeployment(t *testing.T, role string) {
	t.Helper()
	pod := all.deployment(t, role).Spec.Template.Spec
	for _, c := range slices.Concat(pod.InitContainers, pod.Containers) {
		checkConfined(t, pod, c)
		checkProbes(t, c)
		cfg := all.processOf(t, c).settings(t)
		checkRole(t, cfg, role)
		if given := time.Duration(*pod.TerminationGracePeriodSeconds-c.Lifecycle.PreStop.Sleep.Seconds) * time.Second; given <= cfg.DrainTimeout {
			t.Errorf("it has %v to drain, and takes %v", given, cfg.DrainTimeout)
		}
		if !slices.ContainsFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool { return m.MountPath == cfg.Data && !m.ReadOnly }) {
			t.Errorf("nothing can be written to %s", cfg.Data)
		}
		if memory := c.Resources.Limits.Memory().Value(); role == "worker" && memory < int64(cfg.Limits.DecodeBytes) {
			t.Errorf("memory: got %d, want more than pictures may take, %d", memory, cfg.Limits.DecodeBytes)
		}
	}
}

func checkConfined(t *testing.T, pod corev1.PodSpec, c corev1.Container) {
	t.Helper()
	s, p := c.SecurityContext, pod.SecurityContext
	if !*p.RunAsNonRoot || *p.RunAsUser == 0 || s.RunAsUser != nil || s.RunAsNonRoot != nil {
		t.Errorf("%s may be root", c.Name)
	}
	if !*s.ReadOnlyRootFilesystem || *s.AllowPrivilegeEscalation || s.Privileged != nil {
		t.Errorf("%s may write to its root, or gain privileges", c.Name)
	}
	if len(s.Capabilities.Add) != 0 || !slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}) {
		t.Errorf("%s has capabilities", c.Name)
	}
	if pod.HostNetwork || pod.HostPID || pod.HostIPC || *pod.AutomountServiceAccountToken || *pod.EnableServiceLinks {
		t.Errorf("%s sees more than its pod", c.Name)
	}
	if p.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Errorf("%s may call all of the kernel", c.Name)
	}
}

func checkProbes(t *testing.T, c corev1.Container) {
	t.Helper()
	if got := c.LivenessProbe.HTTPGet.Path; got != livenessPath {
		t.Errorf("liveness: got %s, want %s", got, livenessPath)
	}
	if got := c.ReadinessProbe.HTTPGet.Path; got != readinessPath {
		t.Errorf("readiness: got %s, want %s", got, readinessPath)
	}
	for _, probe := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe} {
		if !slices.ContainsFunc(c.Ports, func(p corev1.ContainerPort) bool { return p.Name == probe.HTTPGet.Port.StrVal }) {
			t.Errorf("a probe asks the port %s, which is not there", probe.HTTPGet.Port.StrVal)
		}
	}
}

// processOf is what a container starts, with its file from the config map, and secrets
// from one such as values.yaml describes.
func (all objects) processOf(t *testing.T, c corev1.Container) process {
	t.Helper()
	secrets := map[string]string{"store": "postgres://charcoal:secret@db/charcoal", "hooks-key": exampleKey}
	p := process{args: c.Args, file: filepath.Join(t.TempDir(), "charcoal.yaml")}
	for _, variable := range c.Env {
		if variable.ValueFrom == nil || variable.ValueFrom.SecretKeyRef == nil {
			t.Fatalf("%s is not from a secret", variable.Name)
		}
		value, known := secrets[variable.ValueFrom.SecretKeyRef.Key]
		if !known {
			value = "secret"
		}
		p.env = append(p.env, variable.Name+"="+value)
	}
	text := of[*corev1.ConfigMap](all)[0].Data["charcoal.yaml"]
	if err := os.WriteFile(p.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// checkSelectors checks that what chooses pods or deployments finds some.
func (all objects) checkSelectors(t *testing.T) {
	t.Helper()
	for _, s := range of[*corev1.Service](all) {
		all.checkFinds(t, "service", s.Spec.Selector)
	}
	for _, b := range of[*policyv1.PodDisruptionBudget](all) {
		all.checkFinds(t, "disruption budget", b.Spec.Selector.MatchLabels)
	}
	for _, p := range of[*networkingv1.NetworkPolicy](all) {
		all.checkFinds(t, "network policy", p.Spec.PodSelector.MatchLabels)
	}
	for _, h := range of[*autoscalingv2.HorizontalPodAutoscaler](all) {
		if all.deployment(t, "api"); h.Spec.ScaleTargetRef.Name != "charcoal-api" {
			t.Errorf("the autoscaler scales %s", h.Spec.ScaleTargetRef.Name)
		}
	}
	for _, s := range of[*scaledObject](all) {
		if d := all.deployment(t, "worker"); s.Spec.ScaleTargetRef.Name != d.Name || d.Spec.Replicas != nil {
			t.Errorf("KEDA scales %s, which says how many it has: %t", s.Spec.ScaleTargetRef.Name, d.Spec.Replicas != nil)
		}
	}
}

// checkFinds checks that a selector finds the pods of one role.
func (all objects) checkFinds(t *testing.T, what string, selector map[string]string) {
	t.Helper()
	found := 0
	for _, d := range of[*appsv1.Deployment](all) {
		labels := maps.Clone(d.Spec.Template.Labels)
		maps.Copy(labels, selector)
		if maps.Equal(labels, d.Spec.Template.Labels) {
			found++
		}
	}
	if found != 1 {
		t.Errorf("a %s finds the pods of %d deployments, want 1", what, found)
	}
}
