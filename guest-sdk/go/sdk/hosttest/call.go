//go:build !wasip1

package hosttest

import (
	"time"

	"wodehost"
	"wodehost/internal/contract"
	"wodehost/internal/role"
)

// Ended is how an attempt ended that did not succeed.
type Ended struct {
	// How is "error" for one that returned an error or panicked, "failure" for
	// task.Failure and "restart" for task.Restart.
	How string
	// Value is the failure value; empty for a restart.
	Value wodehost.Raw
}

func (e *Ended) Error() string {
	told, err := wodehost.Decode[struct {
		Message string `msgpack:"message,required"`
	}](e.Value)
	if err == nil {
		return told.Message
	}
	return "the attempt ended: " + e.How
}

// Work gives a job to the worker that is registered, with set-up before, and reads its
// result as an R. The error is an [*Ended] when the attempt did not succeed.
func Work[R any](job any) (R, error) {
	var none R
	given, err := wodehost.Encode(job)
	if err != nil {
		return none, err
	}
	result, ended := attempt(given)
	if ended != nil {
		return none, ended
	}
	return wodehost.Decode[R](result)
}

// attempt runs in a goroutine of its own, which ends where an attempt ends itself.
func attempt(job wodehost.Raw) (result wodehost.Raw, ended error) {
	host := contract.Current.(imports).Host
	host.ended = nil
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		var problem []byte
		if role.SetUp != nil {
			problem = role.SetUp()
		}
		if problem == nil {
			result, problem = role.Run(job)
		}
		if problem != nil {
			ended = &Ended{How: "error", Value: problem}
		}
	}()
	<-finished
	switch own := host.ended; {
	case own == nil:
		return result, ended
	case own.how == "success":
		return own.value, nil
	default:
		return nil, &Ended{How: own.how, Value: own.value}
	}
}

// Next asks the producer that is registered for its next job; ok is false when that was
// all.
func Next() (job Submitted, ok bool, err error) {
	next, problem := role.Next()
	if problem != nil {
		return job, false, &Ended{How: "error", Value: problem}
	}
	if next == nil {
		return job, false, nil
	}
	return Submitted{Worker: next.Worker, Job: together(next.Args), Options: next.Options}, true, nil
}

// Consume gives an outcome to the consumer that is registered.
func Consume(job any, outcome wodehost.Outcome) error {
	given, err := wodehost.Encode(job)
	if err != nil {
		return err
	}
	return ended(role.Consume(given, contract.Outcome{
		ID: outcome.ID, Worker: outcome.Worker, Status: uint8(outcome.Status), Reason: outcome.Reason,
		Data: outcome.Data, Attempts: uint32(outcome.Attempts), Message: &outcome.Message, More: outcome.More,
	}))
}

// Emit gives an emitted value to the consumer that is registered.
func Emit(emitted wodehost.Emitted) error {
	return ended(role.OnEmit(emitted.JobID, uint32(emitted.Attempt), emitted.Seq, emitted.Data))
}

// Finish says to the consumer that is registered that this was all.
func Finish() error { return ended(role.Finish()) }

// Admit asks the gate that is registered.
func Admit() (wait time.Duration, err error) { return role.Admit() }

func ended(problem []byte) error {
	if problem == nil {
		return nil
	}
	return &Ended{How: "error", Value: problem}
}
