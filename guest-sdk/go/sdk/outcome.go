package wodehost

import "wodehost/internal/contract"

// Status is how a job ended.
type Status uint8

// The values of [Status].
const (
	// Unspecified: it has not ended, or nobody said how.
	Unspecified Status = iota
	// Success: it returned a value, or declared success.
	Success
	// Failed: it returned an error, trapped, broke a limit, or declared failure.
	Failed
	// Timeout: it was silent too long, ran out of fuel, or ran out of time.
	Timeout
	// Mixed: the items of a parallel job ended in different ways.
	Mixed
	// Rejected: another job with the same singleton key is running.
	Rejected
	// Cancelled: it was stopped before its end.
	Cancelled
)

// String is the name in the contract, such as "failure".
func (s Status) String() string {
	names := [...]string{"unspecified", "success", "failure", "timeout", "mixed", "rejected", "cancelled"}
	if int(s) < len(names) {
		return names[s]
	}
	return names[Unspecified]
}

// Outcome is what a finished job leaves.
type Outcome struct {
	// ID is the job's id, unique for this host.
	ID string
	// Worker is the name of the worker that the job was for.
	Worker string
	// Status is how it ended.
	Status Status
	// Reason is why, as a stable text: returned, silent, trap:unreachable …
	Reason string
	// Data is the result on success; the error value, or the last carried state,
	// otherwise.
	Data Raw
	// Attempts is how many were started.
	Attempts int
	// Message is the sentence for people; empty when there is none.
	Message string
	// More is a map with whatever else is known: receipts, items, stdout, stderr …
	More Raw
}

// OutcomeOf is for the packages of this SDK: an outcome from the contract's.
func OutcomeOf(ended contract.Outcome) Outcome {
	outcome := Outcome{
		ID: ended.ID, Worker: ended.Worker, Status: Status(ended.Status), Reason: ended.Reason,
		Data: ended.Data, Attempts: int(ended.Attempts), More: ended.More,
	}
	if ended.Message != nil {
		outcome.Message = *ended.Message
	}
	return outcome
}

// Emitted is a value that a job emitted.
type Emitted struct {
	// JobID is the id of the job.
	JobID string
	// Attempt is which of its attempts it was, from 1.
	Attempt int
	// Seq counts the values of an attempt, from 1.
	Seq uint64
	// Data is the value.
	Data Raw
}
