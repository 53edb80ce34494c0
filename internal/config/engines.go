package config

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"sync"

	"github.com/knadh/koanf/v2"
)

// Engine says what draws when a request does not, and what all programs that draw
// have in common.
type Engine struct {
	Name string `key:"name" show:"name" default:"native" usage:"draw with this engine when nobody asks for another: native, the one built in, or the name of a program"`
	Program
	Path   string `key:"path" show:"folders" default:"/usr/local/bin:/usr/bin:/bin" usage:"look for programs in these folders; all that a program has for an environment"`
	Memory Size   `key:"memory" default:"1GiB" allow:"16MiB..64GiB" usage:"most address space of a program (on Linux)"`
}

// Program is an engine that is a program of its own. Those of engine are that of
// [Engine].Name; further ones stand in the file, under their names:
//
//	engines:
//	  chafa:
//	    command: chafa --size {cols}x{rows} {file}
type Program struct {
	Command string `key:"command" show:"command" default:"" usage:"run this program for each picture, without a shell: words with {cols}, {rows}, {file}, and {color:a|b|c|d} for none, 16, 256 and all colours; see examples/engines"`
	Version string `key:"version" show:"command" default:"" usage:"run this once to learn the version of the engine"`
	Decoded bool   `key:"decoded" default:"false" usage:"give the program decoded pixels (PPM) in place of the file"`
}

// NativeEngine is the name of the engine that is built in.
const NativeEngine = "native"

// IsNative reports whether drawings for which nobody asked otherwise are made
// without a program.
func (e Engine) IsNative() bool { return e.Name == NativeEngine || e.Name == "" }

// DefaultEngine is the name of the engine that draws when a request does not say.
func (c Config) DefaultEngine() string {
	if c.Engine.IsNative() {
		return NativeEngine
	}
	return c.Engine.Name
}

// Programs returns every engine that is a program, by name.
func (c Config) Programs() map[string]Program {
	all := map[string]Program{}
	for name, p := range c.Engines {
		all[name] = *p
	}
	if c.Engine.Command != "" {
		all[c.Engine.Name] = c.Engine.Program
	}
	return all
}

const enginesKey = "engines"

// addEngines makes settings of the engines that a file names.
func (l *Loaded) addEngines(k *koanf.Koanf) {
	names := k.MapKeys(enginesKey)
	if len(names) > 0 {
		l.Engines = map[string]*Program{}
	}
	for _, name := range names { // sorted
		p := new(Program)
		l.Engines[name] = p
		l.settings = append(l.settings, settingsIn(reflect.ValueOf(p).Elem(), enginesKey+"."+name+".")...)
	}
}

// engineName is what keeps the name of an engine apart from its version, and a
// variable of the environment a variable.
var engineName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
})

func (c Config) validateEngines() error {
	for _, name := range slices.Sorted(maps.Keys(c.Engines)) {
		switch {
		case name == NativeEngine:
			return fmt.Errorf("engines.%s is the engine built in, and cannot be another; give the program another name", name)
		case !engineName().MatchString(name):
			return fmt.Errorf("engines has %.64q, which cannot be a name; give one of at most 32 small letters, digits and hyphens", name)
		case c.Engines[name].Command == "":
			return fmt.Errorf("the engine %q has no program; give engines.%s.command", name, name)
		}
	}
	return c.validateEngine()
}

func (c Config) validateEngine() error {
	e := c.Engine
	_, named := c.Engines[e.Name]
	switch {
	case e.IsNative() && e.Command != "":
		return errors.New("engine.command is set, and the engine is native; give the program a name with engine.name")
	case !e.IsNative() && e.Command == "" && !named:
		return fmt.Errorf("the engine is %q and has no program; give engine.command or engines.%s.command, or take the engine %q", e.Name, e.Name, NativeEngine)
	case !e.IsNative() && e.Command != "" && named:
		return fmt.Errorf("the engine %q has two programs, engine.command and engines.%s.command; leave one out", e.Name, e.Name)
	case !e.IsNative() && !engineName().MatchString(e.Name):
		return fmt.Errorf("engine.name %.64q cannot be a name; give one of at most 32 small letters, digits and hyphens", e.Name)
	}
	return nil
}
