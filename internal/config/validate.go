package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
)

// Validate checks what the range of a single setting cannot say. [Load] calls
// it; whoever makes a Config by hand should.
func (c Config) Validate() error {
	return firstError(c.validateAddr, c.validateData, c.validateEngines, c.validateRetry, c.validateOIDC)
}

func firstError(checks ...func() error) error {
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (c Config) validateAddr() error {
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return fmt.Errorf("addr %q is not an address; give host:port, such as 127.0.0.1:8080", c.Addr)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("addr %q has no valid port; give a number from 0 to 65535 after the colon", c.Addr)
	}
	if c.LocalOnly() && !isLoopback(host) {
		return fmt.Errorf("addr %q can be reached from other machines, and nothing keeps strangers out; listen on 127.0.0.1, "+
			"or let nobody in without an account with --auth-mode required, or everybody who can reach it with --public", c.Addr)
	}
	return nil
}

// isLoopback reports whether only this machine can reach host. A name other
// than localhost may resolve to anything, so it does not count.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

func (c Config) validateOIDC() error {
	o := c.Auth.OIDC
	if o.Issuer == "" {
		return nil
	}
	for _, s := range []struct{ name, value string }{{"issuer", o.Issuer}, {"url", o.URL}} {
		u, err := url.Parse(s.value)
		if err != nil || (u.Scheme != "https" && !isLoopback(u.Hostname())) || u.Host == "" {
			return fmt.Errorf("auth.oidc.%s %q is not an https URL", s.name, s.value)
		}
	}
	if o.ClientID == "" {
		return errors.New("auth.oidc.issuer is set and auth.oidc.client_id is not; give the id under which the provider knows this service")
	}
	return nil
}

func (c Config) validateData() error {
	if c.Data == "" {
		return errors.New("data is empty; name the folder that keeps the database and the pictures")
	}
	return nil
}

func (c Config) validateRetry() error {
	if j := c.Jobs; j.RetryMin > j.RetryMax {
		return fmt.Errorf("jobs.retry_min %s is longer than jobs.retry_max %s; give them the other way round",
			formatDuration(j.RetryMin), formatDuration(j.RetryMax))
	}
	return nil
}
