package outbound

import (
	"net"
	"net/netip"
	"slices"
)

// The rules for addresses. What is reached from this machine and not from its users
// is often not asked for a password, so no user may send this machine there.
//
// IPv4 lists what is refused; of IPv6 only global unicast (2000::/3, RFC 4291,
// section 2.4) is allowed at all, less what is listed. That leaves out loopback,
// unspecified, link-local, site-local, unique local, multicast, IPv4-mapped and
// -compatible addresses, and both prefixes of NAT64. The lists are the IANA
// registries of special-purpose addresses, of 2025.
var (
	refused4 = prefixes(
		"0.0.0.0/8",        // this network (RFC 791)
		"10.0.0.0/8",       // private (RFC 1918)
		"100.64.0.0/10",    // shared by carriers (RFC 6598); holds a metadata service
		"127.0.0.0/8",      // loopback (RFC 1122)
		"168.63.129.16/32", // the metadata service of Azure: a public address that is not
		"169.254.0.0/16",   // link-local (RFC 3927); holds most metadata services
		"172.16.0.0/12",    // private
		"192.0.0.0/24",     // IETF protocols (RFC 6890); holds a metadata service
		"192.0.2.0/24",     // documentation (RFC 5737)
		"192.31.196.0/24",  // AS112 (RFC 7535)
		"192.52.193.0/24",  // AMT (RFC 7450)
		"192.88.99.0/24",   // 6to4 relays (RFC 7526)
		"192.168.0.0/16",   // private
		"192.175.48.0/24",  // AS112 (RFC 7534)
		"198.18.0.0/15",    // benchmarks (RFC 2544)
		"198.51.100.0/24",  // documentation
		"203.0.113.0/24",   // documentation
		"224.0.0.0/4",      // multicast (RFC 5771)
		"240.0.0.0/4",      // reserved (RFC 1112), and broadcast
	)
	allowed6 = netip.MustParsePrefix("2000::/3")
	refused6 = prefixes(
		"2001::/23",         // IETF protocols (RFC 2928): Teredo, ORCHID, benchmarks
		"2001:db8::/32",     // documentation (RFC 3849)
		"2002::/16",         // 6to4 (RFC 3056): an IPv4 address in disguise
		"2620:4f:8000::/48", // AS112
		"3fff::/20",         // documentation (RFC 9637)
	)
)

// Where private addresses are allowed, these are still refused: services of clouds
// that give the credentials of the machine to whoever asks, and what is no place.
var refusedAlways = prefixes(
	"0.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16", "100.100.100.200/32", "192.0.0.192/32", "224.0.0.0/4", "240.0.0.0/4",
	"::/128", "fd00:ec2::254/128", "fd20:ce::254/128", "fe80::/10", "ff00::/8",
	"::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", // IPv4 in disguise
)

func prefixes(all ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(all))
	for i, p := range all {
		list[i] = netip.MustParsePrefix(p)
	}
	return list
}

// public reports whether an address is one of the public internet.
func public(a netip.Addr) bool {
	switch {
	case a.Zone() != "":
		return false
	case a.Is4():
		return !in(a, refused4)
	}
	return allowed6.Contains(a) && !in(a, refused6) && !isatap(a)
}

// reachable reports whether an address may be called where private ones may.
func reachable(a netip.Addr) bool {
	if a == netip.IPv6Loopback() {
		return true
	}
	return a.Zone() == "" && !in(a, refusedAlways) && !isatap(a)
}

func in(a netip.Addr, list []netip.Prefix) bool {
	return slices.ContainsFunc(list, func(p netip.Prefix) bool { return p.Contains(a) })
}

// isatap reports whether the lower half of an address holds an IPv4 address as by
// ISATAP (RFC 5214, section 6.1): 0000:5efe or 0200:5efe before it.
func isatap(a netip.Addr) bool {
	if !a.Is6() {
		return false
	}
	b := a.As16()
	return b[8]&^0x02 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe
}

// ownAddresses are those of the interfaces of this machine: on a server, public
// ones are among them, with services that only listen for others on the machine.
func ownAddresses() ([]netip.Addr, error) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, err
	}
	own := make([]netip.Addr, 0, len(all))
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok {
			if ip, ok := netip.AddrFromSlice(n.IP); ok {
				own = append(own, ip.Unmap())
			}
		}
	}
	return own, nil
}
