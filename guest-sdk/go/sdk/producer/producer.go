// Package producer makes a plugin a producer: it says what there is to do. It lives in
// one sandbox until it stops.
package producer

import (
	"iter"

	"wodehost"
	"wodehost/internal/contract"
	"wodehost/internal/role"
)

// Run registers what produces the jobs. It is to be called in main, once.
//
// f hands each job to yield, which returns when the host asks for the next one; when f
// returns, that was all. An error stops the producer and becomes its failure value,
// as [wodehost.FailureOf] says, and so does a panic.
func Run(f func(yield func(wodehost.Dispatch)) error) {
	var problem wodehost.Raw
	// The failure is caught inside of the iteration, where a panic still has its stack.
	jobs := func(yield func(wodehost.Dispatch) bool) {
		// What yield returns says whether more is wanted. It always is: the host ends a
		// producer together with its sandbox.
		problem = wodehost.Catch(func() error { return f(func(job wodehost.Dispatch) { yield(job) }) })
	}
	next, _ := iter.Pull(iter.Seq[wodehost.Dispatch](jobs))
	role.Next = func() (*contract.Dispatch, []byte) {
		job, more := next()
		if !more {
			return nil, problem
		}
		lowered, err := job.Lower()
		if err != nil {
			return nil, wodehost.FailureOf(err)
		}
		return &lowered, nil
	}
}
