package wodehost

import (
	"maps"

	"wodehost/internal/contract"
)

// Dispatch is one job to be done.
type Dispatch struct {
	// Worker is the name of the worker plugin.
	Worker string
	// Args are its arguments. The worker gets nil for none, the value itself for one,
	// and an array of them for more.
	Args []any
	// Options are the job's options: a limit lowered, under the keys and in the units
	// of [limits] in wodehost.toml, or a key of [job] such as retries or singleton.
	// Nothing is checked here: the host names an unknown key as bad-options.
	Options map[string]any
}

// To is a job for the worker of this name.
func To(worker string, args ...any) Dispatch {
	return Dispatch{Worker: worker, Args: args}
}

// With is the same job with one more option.
func (d Dispatch) With(key string, value any) Dispatch {
	options := maps.Clone(d.Options)
	if options == nil {
		options = map[string]any{}
	}
	options[key] = value
	d.Options = options
	return d
}

// Lower is for the packages of this SDK: the job as the contract has it.
func (d Dispatch) Lower() (contract.Dispatch, error) {
	lowered := contract.Dispatch{Worker: d.Worker, Args: make([][]byte, len(d.Args))}
	for i, arg := range d.Args {
		raw, err := Encode(arg)
		if err != nil {
			return lowered, Failf(BadValue, "argument %d of a job for %s: %w", i, d.Worker, err)
		}
		lowered.Args[i] = raw
	}
	if len(d.Options) > 0 {
		raw, err := Encode(d.Options)
		if err != nil {
			return lowered, Failf(BadValue, "the options of a job for %s: %w", d.Worker, err)
		}
		lowered.Options = raw
	}
	return lowered, nil
}
