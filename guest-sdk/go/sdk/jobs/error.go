package jobs

import (
	"fmt"

	"wodehost"
	"wodehost/internal/contract"
)

// Error is what stands in place of a job's result when there is none. Its reason is
// the code of the failure that it becomes.
type Error struct {
	// Status is how the job ended; Success when it did and its data are not of the
	// wanted type, Unspecified when it has not ended.
	Status wodehost.Status
	// Reason is why there is no result: the outcome's, bad-value or paused.
	Reason string
	// Message is the sentence for people; empty when there is none.
	Message string
	// Outcome is all that the job left; nil when it has not ended.
	Outcome *wodehost.Outcome
}

func ended(outcome wodehost.Outcome, reason, message string) error {
	return &Error{Status: outcome.Status, Reason: reason, Message: message, Outcome: &outcome}
}

func (e *Error) Error() string {
	text := "a job gave no result: " + e.Reason
	if e.Outcome != nil {
		text = fmt.Sprintf("job %s of `%s` gave no result: %s", e.Outcome.ID, e.Outcome.Worker, e.Reason)
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// FailureCode is the reason.
func (e *Error) FailureCode() string { return e.Reason }

// Refusal is why a submit did not give a job.
type Refusal uint8

// The values of [Refusal].
const (
	// NoSlot came free within the timeout.
	NoSlot Refusal = iota
	// Gate held the job back for the whole timeout; the text is its name.
	Gate
	// Limit on nesting was reached; the text is its name: depth, children, tree, live.
	Limit
	// Closed: this host takes no nested jobs, or no more of them.
	Closed
	// UnknownWorker: no worker has the name that is the text.
	UnknownWorker
	// BadValue: an argument is no valid value; the text says where and why.
	BadValue
	// BadOptions: the text says which option and why.
	BadOptions
	// NotPermitted: this plugin may not submit to the worker that is the text.
	NotPermitted
)

// String is the name in the contract, such as "no-slot".
func (r Refusal) String() string {
	names := [...]string{
		"no-slot", "gate", "limit", "closed", "unknown-worker", "bad-value", "bad-options", "not-permitted",
	}
	if int(r) < len(names) {
		return names[r]
	}
	return fmt.Sprintf("refusal %d", uint8(r))
}

// SubmitError is the error of a submit. Its name in the contract is the code of the
// failure that it becomes.
type SubmitError struct {
	Refusal Refusal
	// Text is what the contract says beside it; empty for NoSlot and Closed.
	Text string
}

func submitError(refusal *contract.Refusal) error {
	return &SubmitError{Refusal: Refusal(refusal.Case), Text: refusal.Text}
}

func (e *SubmitError) Error() string {
	switch e.Refusal {
	case NoSlot:
		return "the job was not submitted: no slot came free in time"
	case Closed:
		return "the job was not submitted: this host takes no nested jobs, or no more of them"
	default:
		return fmt.Sprintf("the job was not submitted: %s: %s", e.Refusal, e.Text)
	}
}

// FailureCode is the name in the contract.
func (e *SubmitError) FailureCode() string { return e.Refusal.String() }
