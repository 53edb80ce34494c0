package config

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

const envPrefix = "CHARCOAL_"

// FileVariable is the environment variable that names the configuration file
// when the flag --config does not.
const FileVariable = envPrefix + "CONFIG"

// reserved are patterns of variables that begin with our prefix and are no
// settings. Kubernetes sets the last four for a service called "charcoal", as
// Docker does for a linked container of that name.
var reserved = []string{
	FileVariable,
	envPrefix + "SERVER", // where the commands of clients send
	envPrefix + "TOKEN",  // and who they are
	envPrefix + "CORPUS", // where opt-in tests find their pictures
	envPrefix + "TEST_*", // between a test and the program it starts
	envPrefix + "SERVICE_HOST",
	envPrefix + "SERVICE_PORT*",
	envPrefix + "PORT",
	envPrefix + "PORT_*",
}

// checkVariables refuses a variable with our prefix that is neither a setting
// nor reserved. One that is empty counts as not set, because service managers
// and compose files have no other way to say so; but its name must be right.
func (t table) checkVariables(environ []string) error {
	known := t.names((*setting).env)
	for _, variable := range environ {
		name, _, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, envPrefix) || slices.Contains(known, name) || isReserved(name) {
			continue
		}
		return unknown(fmt.Sprintf("the environment variable %s is no setting", name), name, known)
	}
	return nil
}

func isReserved(name string) bool {
	return slices.ContainsFunc(reserved, func(pattern string) bool {
		ok, err := path.Match(pattern, name)
		return ok && err == nil
	})
}

// LookupFile returns the value of [FileVariable] in environ, or "".
func LookupFile(environ []string) string {
	value := ""
	for _, variable := range environ { // of several, the last one counts, as in os/exec
		if v, ok := strings.CutPrefix(variable, FileVariable+"="); ok {
			value = v
		}
	}
	return value
}
