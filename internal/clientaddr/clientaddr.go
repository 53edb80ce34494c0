// Package clientaddr finds out from which address a request came, through
// proxies that are trusted to say so.
package clientaddr

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// maxHops bounds how much of a header from outside is read. More proxies than that do not
// stand in a row; who lists them wants to keep the server busy.
const maxHops = 32

// Proxies are the networks whose X-Forwarded-For is believed. The zero value
// believes nobody. Safe for concurrent use.
type Proxies []netip.Prefix

// ParseProxies reads addresses and networks, separated by commas: "10.0.0.0/8, ::1".
func ParseProxies(list string) (Proxies, error) {
	var all Proxies
	for word := range strings.SplitSeq(list, ",") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		p, err := parsePrefix(word)
		if err != nil || p.Addr().Is4In6() { // those would match no plain address
			return nil, fmt.Errorf("%q is neither an address nor a network such as 10.0.0.0/8", word)
		}
		all = append(all, p)
	}
	return all, nil
}

func parsePrefix(word string) (netip.Prefix, error) {
	if strings.Contains(word, "/") {
		p, err := netip.ParsePrefix(word)
		return p.Masked(), err
	}
	addr, err := netip.ParseAddr(word)
	addr = plain(addr)
	return netip.PrefixFrom(addr, addr.BitLen()), err
}

// ClientAddr returns the address of who sent the request: of the peer, or when that is a
// trusted proxy, what the proxies say. Each of them appends whom it heard from to
// X-Forwarded-For, so it is read from the right up to the first address that is not
// trusted; what stands left of that is anybody's claim. When it cannot be
// read up to there, the peer is the client. The header Forwarded (RFC 7239) is not read: a
// proxy that does not know it lets through what the client wrote.
//
// The address has no zone and is never IPv4 mapped into IPv6. It is invalid
// when the peer has none, as on a Unix socket.
func (p Proxies) ClientAddr(r *http.Request) netip.Addr {
	peer, _ := parseHop(r.RemoteAddr)
	client := peer
	hops := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	for range maxHops {
		if hops == "" || !p.trusts(client) {
			return client
		}
		comma := strings.LastIndexByte(hops, ',')
		next, ok := parseHop(strings.TrimSpace(hops[comma+1:]))
		if !ok {
			return peer
		}
		client, hops = next, hops[:max(comma, 0)]
	}
	return peer
}

func (p Proxies) trusts(addr netip.Addr) bool {
	for _, network := range p {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}

// parseHop reads an address that may have a port, as some proxies write.
func parseHop(s string) (netip.Addr, bool) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return plain(ap.Addr()), true
	}
	s = strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	addr, err := netip.ParseAddr(s)
	return plain(addr), err == nil
}

// Network is who can be taken for one client: an address of IPv4, and the /64 of one
// of IPv6, which is what one subscriber gets at least (RFC 6177). It is the zero prefix
// for all that have no address, as on a Unix socket.
func Network(addr netip.Addr) netip.Prefix {
	addr = plain(addr)
	p, err := addr.Prefix(min(addr.BitLen(), 64))
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

func plain(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }
