package config

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"

	"github.com/charcoal-art/charcoal/internal/nearest"
)

// Sources are where a configuration comes from, the weakest first.
type Sources struct {
	File  string         // path of a YAML file; "" for none
	Env   []string       // "NAME=value", as os.Environ has them
	Flags *pflag.FlagSet // parsed, with the flags of [AddFlags]; nil for none
}

// Loaded is a configuration that knows where its values came from.
type Loaded struct {
	Config
	settings table
}

// Load reads all sources and validates the result. Every error is one sentence
// for the operator that names the source.
func Load(src Sources) (*Loaded, error) {
	var l Loaded
	l.settings = settingsOf(&l.Config)
	if err := l.load(src); err != nil {
		return nil, err
	}
	if err := l.Validate(); err != nil {
		return nil, err
	}
	return &l, nil
}

// load applies the sources so that each overrules the ones before it.
func (l *Loaded) load(src Sources) error {
	if src.File != "" {
		k := koanf.New(".")
		if err := k.Load(file.Provider(src.File), yaml.Parser()); err != nil {
			return unreadable(src.File, err)
		}
		l.addEngines(k)
		if err := l.settings.loadFile(src.File, k); err != nil {
			return err
		}
	}
	if err := l.settings.loadEnv(src.Env); err != nil {
		return err
	}
	if src.Flags != nil {
		return l.settings.loadFlags(src.Flags)
	}
	return nil
}

func (t table) loadFile(path string, k *koanf.Koanf) error {
	for _, key := range k.Keys() {
		if err := t.checkKey(path, key, k.Get(key)); err != nil {
			return err
		}
	}
	return t.apply(k, func(s *setting) string { return path + ": " + s.key })
}

func unreadable(path string, err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("cannot read the configuration file %s: %w", path, pathErr.Err)
	}
	message := strings.Join(strings.Fields(err.Error()), " ") // the parser writes a list in lines
	return fmt.Errorf("%s is not a configuration file: %s", path, strings.TrimPrefix(message, "yaml: "))
}

// checkKey refuses a key that is no setting. A group without settings in it, as
// when all its lines are commented out, is fine.
func (t table) checkKey(path, key string, value any) error {
	example := t.inGroup(key)
	switch {
	case t.find(key) != nil, key == enginesKey && empty(value):
		return nil
	case key == enginesKey:
		return fmt.Errorf("%s: engines is a group of engines, each with a name and a command, such as engines.chafa.command", path)
	case example == nil:
		return unknown(fmt.Sprintf("%s: there is no setting %q", path, key), key, t.names((*setting).name))
	case !empty(value):
		return fmt.Errorf("%s: %s is a group of settings, such as %s, and has no value itself", path, key, example.key)
	}
	return nil
}

func empty(value any) bool {
	m, isMap := value.(map[string]any)
	return value == nil || isMap && len(m) == 0
}

// unknown makes the error for a name that is none of the known ones.
func unknown(complaint, name string, known []string) error {
	if near := nearest.Name(name, known); near != "" {
		return fmt.Errorf("%s; did you mean %s?", complaint, near)
	}
	return fmt.Errorf(`%s; "charcoal config print" shows all settings`, complaint)
}

func (t table) loadEnv(environ []string) error {
	if err := t.checkVariables(environ); err != nil {
		return err
	}
	k := koanf.New(".")
	provider := env.Provider(".", env.Opt{
		Prefix:      envPrefix,
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) {
			s := t.findBy((*setting).env, name)
			if s == nil || value == "" {
				return "", nil // reserved, or not really set: see checkVariables
			}
			return s.key, value
		},
	})
	if err := k.Load(provider, nil); err != nil {
		return fmt.Errorf("reading the environment: %w", err)
	}
	return t.apply(k, (*setting).env)
}

func (t table) loadFlags(flags *pflag.FlagSet) error {
	k := koanf.New(".")
	// Without a koanf to look into, the provider skips the flags not given.
	provider := posflag.ProviderWithFlag(flags, ".", nil, func(f *pflag.Flag) (string, any) {
		s := t.findBy((*setting).flag, f.Name)
		if s == nil {
			return "", nil // a flag of the command, like --config
		}
		return s.key, f.Value.String()
	})
	if err := k.Load(provider, nil); err != nil {
		return fmt.Errorf("reading the flags: %w", err)
	}
	return t.apply(k, func(s *setting) string { return "--" + s.flag() })
}

// apply sets what one source gives. Origin tells how that source spells a
// setting.
func (t table) apply(k *koanf.Koanf, origin func(*setting) string) error {
	for _, s := range t {
		if !k.Exists(s.key) {
			continue
		}
		if err := s.assign(k.Get(s.key)); err != nil {
			return fmt.Errorf("%s: %w", origin(s), err)
		}
		s.origin = origin(s)
	}
	return nil
}

// assign sets s from a value as a parser gives it.
func (s *setting) assign(value any) error {
	switch value.(type) {
	case string, bool, int, int64, uint64, float64:
		return s.Set(fmt.Sprint(value))
	}
	return fmt.Errorf("this must be a single value; give %s", s.allowed())
}
