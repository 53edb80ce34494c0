package account

import "testing"

func TestLRU(t *testing.T) {
	t.Parallel()
	l := newLRU[string, int](2)
	l.put("a", 1)
	l.put("b", 2)
	l.put("a", 3) // is the newer one now
	l.put("c", 4)
	l.remove("nothing")
	for key, want := range map[string]int{"a": 3, "b": 0, "c": 4} {
		got, ok := l.get(key)
		if got != want || ok != (want != 0) {
			t.Errorf("%s: got %d and %v, want %d", key, got, ok, want)
		}
	}
	l.get("a")
	l.put("d", 5)
	if _, ok := l.get("c"); ok {
		t.Error("c is there, want it gone: a was asked for since")
	}
	l.remove("a")
	if len(l.items) != 1 || l.order.Len() != 1 {
		t.Errorf("got %d and %d items, want one", len(l.items), l.order.Len())
	}
}
