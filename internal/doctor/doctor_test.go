package doctor

import (
	"context"
	"errors"
	"testing"
	"time"
)

func answer(found string, err error) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return found, err }
}

func TestFindings(t *testing.T) {
	hangs := func(ctx context.Context) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}
	for name, tt := range map[string]struct {
		check Check
		want  Finding
	}{
		"works":        {Check{"a", answer("fine", nil), "restart"}, Finding{"a", true, "fine", ""}},
		"fails":        {Check{"a", answer("", errors.New("gone")), "restart"}, Finding{"a", false, "gone", "restart"}},
		"knows better": {Check{"a", answer("", Advise(errors.New("gone"), "buy one")), "restart"}, Finding{"a", false, "gone", "buy one"}},
		"hangs":        {Check{"a", hangs, "restart"}, Finding{"a", false, "no answer within 10ms: context deadline exceeded", "restart"}},
		"tells":        {Check{"a", answer("", errors.New("not for hunter22")), "say hunter22"}, Finding{"a", false, "not for ***", "say ***"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := Run(t.Context(), 10*time.Millisecond, []Check{tt.check}, "hunter22", "", "a")
			if len(got) != 1 || got[0] != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestFindingsKeepTheOrder of the checks, though all are done at once: the first waits
// for the last here.
func TestFindingsKeepTheOrder(t *testing.T) {
	last := make(chan struct{})
	got := Run(t.Context(), time.Minute, []Check{
		{Name: "first", Do: func(context.Context) (string, error) { <-last; return "", nil }},
		{Name: "last", Do: func(context.Context) (string, error) { close(last); return "", nil }},
	})
	if got[0].Name != "first" || got[1].Name != "last" {
		t.Errorf("got %+v", got)
	}
}
