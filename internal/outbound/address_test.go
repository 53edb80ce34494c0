package outbound

import (
	"net/netip"
	"testing"
)

func TestAddresses(t *testing.T) {
	tests := []struct {
		addr              string
		public, reachable bool // reachable: where private addresses are allowed
	}{
		{"8.8.8.8", true, true},
		{"1.1.1.1", true, true},
		{"172.15.255.255", true, true},
		{"172.32.0.0", true, true},
		{"2606:4700:4700::1111", true, true},
		{"2001:4860:4860::8888", true, true},

		{"127.0.0.1", false, true},
		{"127.255.255.254", false, true},
		{"10.0.0.1", false, true},
		{"172.16.0.1", false, true},
		{"172.31.255.255", false, true},
		{"192.168.1.1", false, true},
		{"100.64.0.1", false, true},
		{"100.127.255.255", false, true},
		{"::1", false, true},
		{"fc00::1", false, true},
		{"fd12:3456:789a::1", false, true},
		{"fec0::1", false, true},
		{"198.18.0.1", false, true},
		{"192.0.2.1", false, true},
		{"198.51.100.1", false, true},
		{"203.0.113.1", false, true},
		{"192.88.99.1", false, true},
		{"2001:db8::1", false, true},
		{"2001:2::1", false, true},
		{"3fff::1", false, true},

		{"0.0.0.0", false, false},
		{"0.1.2.3", false, false},
		{"255.255.255.255", false, false},
		{"240.0.0.1", false, false},
		{"224.0.0.1", false, false},
		{"239.255.255.255", false, false},
		{"169.254.169.254", false, false},
		{"169.254.0.1", false, false},
		{"100.100.100.200", false, false},
		{"168.63.129.16", false, false},
		{"192.0.0.192", false, false},
		{"::", false, false},
		{"fe80::1", false, false},
		{"fe80::1%eth0", false, false},
		{"2606:4700::1%eth0", false, false},
		{"ff02::1", false, false},
		{"fd00:ec2::254", false, false},
		{"fd20:ce::254", false, false},
		{"::ffff:127.0.0.1", false, false},
		{"::ffff:8.8.8.8", false, false},
		{"::127.0.0.1", false, false},
		{"::ffff:0:127.0.0.1", false, true}, // translated (RFC 2765): nobody routes it
		{"64:ff9b::127.0.0.1", false, false},
		{"64:ff9b::8.8.8.8", false, false},
		{"64:ff9b:1::1", false, false},
		{"2002:7f00:1::", false, false},
		{"2002:808:808::1", false, false},
		{"2001:0:4136:e378:8000:63bf:3fff:fdd2", false, false},
		{"2606:4700::5efe:127.0.0.1", false, false},
		{"2606:4700::200:5efe:10.0.0.1", false, false},
		{"100::1", false, true}, // discarded (RFC 6666)
		{"5f00::1", false, true},
	}
	for _, tt := range tests {
		a := netip.MustParseAddr(tt.addr)
		if got := public(a); got != tt.public {
			t.Errorf("public(%s): got %t, want %t", a, got, tt.public)
		}
		if got := reachable(a); got != tt.reachable {
			t.Errorf("reachable(%s): got %t, want %t", a, got, tt.reachable)
		}
	}
}

// What is refused where private addresses are allowed is refused elsewhere, too.
func FuzzPublicIsReachable(f *testing.F) {
	f.Add([]byte{127, 0, 0, 1})
	f.Add(netip.MustParseAddr("2002:7f00:1::").AsSlice())
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, ok := netip.AddrFromSlice(raw)
		if !ok {
			return
		}
		if public(a) && (!reachable(a) || a.IsPrivate() || a.IsLoopback() || !a.IsGlobalUnicast()) {
			t.Errorf("%s is taken for public", a)
		}
	})
}
