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
// as [wodehost.FailureOf] says, and so does a panic. yield returns false when no more
// is wanted.
func Run(f func(yield func(wodehost.Dispatch) bool) error) {
	var problem wodehost.Raw
	// Inside of the iteration, where the stack of a panic is still there.
	jobs := func(yield func(wodehost.Dispatch) bool) {
		problem = wodehost.Catch(func() error { return f(yield) })
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
