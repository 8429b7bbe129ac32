// Package jobs submits jobs from a job: in workers. All share the host's slots.
//
// A worker may submit to itself; anything else needs allow.submit in the host's
// configuration. Who waits for a job lends it the slot, and its own keepalive stands
// still meanwhile: with one slot any depth of jobs works.
//
// The end of a job cancels what it submitted and left running. Its restart does not:
// the next attempt's same submits, in the same order, find the same jobs again. Where
// the order may change, the option key says which is which.
package jobs

import (
	"time"

	"wodehost"
	"wodehost/internal/contract"
)

// Forever is a timeout that never comes.
const Forever time.Duration = -1

// Submit queues a job and returns at once. The error is a [*SubmitError], or a
// wodehost.Failure where an argument cannot be written.
func Submit(what wodehost.Dispatch) (*Job, error) {
	return SubmitWithin(what, Forever)
}

// SubmitWithin returns when the job has started; if it has not within the timeout it
// is withdrawn, and the error says what held it back.
func SubmitWithin(what wodehost.Dispatch, timeout time.Duration) (*Job, error) {
	lowered, err := what.Lower()
	if err != nil {
		return nil, err
	}
	handle, refusal := contract.JobsSubmit(lowered, milliseconds(timeout))
	if refusal != nil {
		return nil, submitError(refusal)
	}
	return &Job{handle: handle}, nil
}

// WaitAny waits for one of the jobs to end and gives its index; ok is false when the
// timeout passed first, or when there is none to wait for.
func WaitAny(jobs []*Job, timeout time.Duration) (index int, ok bool) {
	handles := make([]uint32, 0, len(jobs))
	for i, job := range jobs {
		if job.ended != nil {
			return i, true
		}
		if job.released {
			panic(released)
		}
		handles = append(handles, job.handle)
	}
	if len(handles) == 0 {
		return 0, false
	}
	ended, ok := contract.JobsWaitAny(handles, milliseconds(timeout))
	return int(ended), ok
}

func milliseconds(timeout time.Duration) *uint64 {
	if timeout < 0 {
		return nil
	}
	ms := uint64((timeout + time.Millisecond - 1) / time.Millisecond)
	return &ms
}
