package deploy_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

func TestComposeProcesses(t *testing.T) {
	project := compose(t)
	for _, role := range []string{"api", "worker"} {
		t.Run(role, func(t *testing.T) {
			service, err := project.GetService(role)
			if err != nil {
				t.Fatal(err)
			}
			p := process{args: service.Command}
			for name, value := range service.Environment {
				p.env = append(p.env, name+"="+*value)
			}
			cfg := p.settings(t)
			checkRole(t, cfg, role)
			if n := service.GetScale(); n != 2 {
				t.Errorf("replicas: got %d, want 2", n)
			}
			if service.User != "65532:65532" || !service.ReadOnly {
				t.Errorf("it runs as %q, with a read-only root: %t", service.User, service.ReadOnly)
			}
			if pause := service.StopGracePeriod; pause == nil || cfg.DrainTimeout >= time.Duration(*pause) {
				t.Errorf("it is killed while it drains")
			}
		})
	}
}

func TestComposeKeepsAllFromPrivileges(t *testing.T) {
	for name, service := range compose(t).Services {
		if !slices.Contains(service.CapDrop, "ALL") || len(service.CapAdd) != 0 || service.Privileged {
			t.Errorf("%s has capabilities", name)
		}
		if !slices.Contains(service.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s may gain privileges", name)
		}
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s: port %s is open to other machines", name, port.Published)
			}
		}
	}
}

func TestComposeNeedsSecrets(t *testing.T) {
	if _, err := loadCompose(t.Context(), cli.WithEnv(nil)); err == nil {
		t.Error("it starts without secrets")
	}
}

// compose loads compose.yaml with the example of .env.
func compose(t *testing.T) *types.Project {
	t.Helper()
	project, err := loadCompose(t.Context(), cli.WithEnvFiles("env.example"), cli.WithDotEnv)
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func loadCompose(ctx context.Context, env ...cli.ProjectOptionsFn) (*types.Project, error) {
	options, err := cli.NewProjectOptions([]string{"compose.yaml"}, env...)
	if err != nil {
		return nil, err
	}
	return options.LoadProject(ctx)
}
