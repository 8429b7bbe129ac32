// Package consumer makes a plugin a consumer: it takes the outcomes, one after the
// other, in the order in which jobs ended. It lives in one sandbox.
package consumer

import (
	"wodehost"
	"wodehost/internal/contract"
	"wodehost/internal/role"
)

// Run registers what takes an outcome, with the value that the worker was given. It is
// to be called in main, once.
//
// The value is read as a J; one that does not fit is a failure with the code
// bad-argument. The host logs an error and goes on.
func Run[J any](f func(job J, outcome wodehost.Outcome) error) {
	role.Consume = func(job []byte, ended contract.Outcome) []byte {
		return wodehost.Catch(func() error {
			given, err := wodehost.DecodeAs[J](wodehost.BadArgument, job)
			if err != nil {
				return err
			}
			return f(given, wodehost.OutcomeOf(ended))
		})
	}
}

// OnEmit registers what takes an emitted value; always before the outcome of its job.
func OnEmit(f func(wodehost.Emitted) error) {
	role.OnEmit = func(jobID string, attempt uint32, seq uint64, value []byte) []byte {
		emitted := wodehost.Emitted{JobID: jobID, Attempt: int(attempt), Seq: seq, Data: value}
		return wodehost.Catch(func() error { return f(emitted) })
	}
}

// Finish registers what is called once, after the last outcome; not after a crash of
// the host.
func Finish(f func() error) {
	role.Finish = func() []byte { return wodehost.Catch(f) }
}
