// Package host says who is asking, and what it was configured with.
package host

import (
	"wodehost"
	"wodehost/internal/contract"
)

// Name is the process-name: <job>/<attempt> in a worker, unless task.SetName changed
// it; the host's own name in a producer, consumer or gate.
func Name() string { return contract.HostName() }

// Config reads this plugin's configuration, [plugins.NAME.config] in wodehost.toml; an
// empty map when there is none. What does not fit is a failure with the code
// bad-config.
func Config[T any]() (T, error) {
	return wodehost.DecodeAs[T](wodehost.BadConfig, contract.HostConfig())
}

// Env is a variable of the job's environment, or one of the host's own that allow.env
// grants to this plugin.
func Env(name string) (value string, ok bool) { return contract.HostEnv(name) }
