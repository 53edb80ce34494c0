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
	return firstError(c.validateAddr, c.validateData, c.validateEngines, c.validateRetry, c.validateURL, c.validateOIDC, c.validatePlaces)
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
	switch {
	case o.Issuer == "":
		return nil
	case !isSafeURL(o.Issuer):
		return fmt.Errorf("auth.oidc.issuer %q is not an https URL", o.Issuer)
	case !isSafeURL(c.URL):
		return fmt.Errorf("url %q is not an https URL; auth.oidc.issuer needs it, for users to come back to", c.URL)
	case o.ClientID == "":
		return errors.New("auth.oidc.issuer is set and auth.oidc.client_id is not; give the id under which the provider knows this service")
	}
	return nil
}

// isSafeURL reports whether nobody on the way can read or change what goes there.
func isSafeURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()))
}

func (c Config) validateURL() error {
	if c.URL == "" {
		return nil
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("url %q is not the URL of a server; give one such as https://art.example.com", c.URL)
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
