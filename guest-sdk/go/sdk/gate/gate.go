// Package gate makes a plugin a gate: it says whether a job may start now. It lives in
// one sandbox.
package gate

import (
	"time"

	"wodehost/internal/role"
)

// Run registers what is asked before each start of a job. It is to be called in main,
// once.
//
// Zero lets one job start; a wait holds jobs back, and the host asks again after so
// long. On an error or a panic, or when it is silent past its keepalive, the host
// warns and lets jobs start.
func Run(f func() (wait time.Duration, err error)) {
	role.Admit = f
}
