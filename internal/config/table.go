package config

import "strings"

// table is all settings of a configuration, in the order of its fields.
type table []*setting

// find returns the setting with a key, or nil.
func (t table) find(key string) *setting { return t.findBy((*setting).name, key) }

// findBy returns the setting that is spelt so in one of the three ways, or nil.
func (t table) findBy(spelling func(*setting) string, name string) *setting {
	for _, s := range t {
		if spelling(s) == name {
			return s
		}
	}
	return nil
}

// inGroup returns the first setting of a group, or nil when there is no such
// group.
func (t table) inGroup(group string) *setting {
	for _, s := range t {
		if strings.HasPrefix(s.key, group+".") {
			return s
		}
	}
	return nil
}

func (t table) names(spelling func(*setting) string) []string {
	names := make([]string, len(t))
	for i, s := range t {
		names[i] = spelling(s)
	}
	return names
}
