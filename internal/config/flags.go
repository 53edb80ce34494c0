package config

import "github.com/spf13/pflag"

// AddFlags adds one flag for each setting. The values wait in the flag set
// until [Load] reads them from there; a value that is not allowed is refused
// while the command line is parsed.
func AddFlags(flags *pflag.FlagSet) {
	for _, s := range settingsOf(new(Config)) {
		f := flags.VarPF(s, s.flag(), "", s.help())
		if s.Type() == "bool" {
			f.NoOptDefVal = "true"
		}
	}
}

// help is the usage with the words that are allowed.
func (s *setting) help() string {
	if s.allow == "" {
		return s.usage
	}
	return s.usage + " (" + s.allow + ")"
}

// Words returns the values that a flag of [AddFlags] takes when it takes only
// certain words, for shell completion.
func Words(flag *pflag.Flag) []string {
	if s, ok := flag.Value.(*setting); ok {
		return s.words()
	}
	return nil
}
