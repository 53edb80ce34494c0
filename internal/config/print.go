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

// document builds the tree of groups. Settings of a group follow each other, so
// a group is complete when the next one begins.
func (t table) document() *yaml.Node {
	root := mapping()
	groups := map[string]*yaml.Node{"": root}
	for _, s := range t {
		name, leaf := "", s.key
		if i := strings.LastIndexByte(s.key, '.'); i >= 0 {
			name, leaf = s.key[:i], s.key[i+1:]
		}
		group, ok := groups[name]
		if !ok {
			group = mapping()
			groups[name] = group
			root.Content = append(root.Content, text(name), group)
		}
		group.Content = append(group.Content, text(leaf), s.node())
	}
	return root
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
