package config

import (
	"fmt"
	"io"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// WriteYAML writes the configuration as a file that [Load] reads again, with
// the source of each value beside it. Secrets are replaced by "REDACTED".
func (l *Loaded) WriteYAML(w io.Writer) error {
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(l.settings.document()); err != nil {
		return fmt.Errorf("writing the configuration: %w", err)
	}
	return enc.Close()
}

// document builds the tree of groups.
func (t table) document() *yaml.Node {
	root := mapping()
	groups := map[string]*yaml.Node{"": root}
	for _, s := range t {
		name, leaf := split(s.key)
		group := groupOf(groups, name)
		group.Content = append(group.Content, text(leaf), s.node())
	}
	return root
}

// groupOf returns the group of a name, made inside its own one when it is new.
func groupOf(groups map[string]*yaml.Node, name string) *yaml.Node {
	if group, ok := groups[name]; ok {
		return group
	}
	outer, leaf := split(name)
	group := mapping()
	groups[name] = group
	around := groupOf(groups, outer)
	around.Content = append(around.Content, text(leaf), group)
	return group
}

// split takes the last part off a key.
func split(key string) (group, leaf string) {
	i := strings.LastIndexByte(key, '.')
	return key[:max(0, i)], key[i+1:]
}

func (s *setting) node() *yaml.Node {
	n := text(s.redacted())
	if s.field.Kind() != reflect.String {
		n.Tag = "" // plain: true, 100_000_000
	}
	n.LineComment = strings.TrimSuffix(s.origin, ": "+s.key)
	return n
}

func mapping() *yaml.Node { return &yaml.Node{Kind: yaml.MappingNode} }

// text makes a string; the encoder quotes it where YAML would read another type.
func text(s string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
}
