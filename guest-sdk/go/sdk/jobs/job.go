package jobs

import (
	"time"

	"wodehost"
	"wodehost/internal/contract"
)

// Job is a job that this one submitted. Forgetting it does not cancel it; the end of
// the job that submitted it does.
type Job struct {
	handle uint32
	// ended is kept, and the handle given back, as soon as the outcome was there.
	ended    *wodehost.Outcome
	released bool
}

const released = "the job was released"

func (j *Job) live() uint32 {
	if j.released {
		panic(released)
	}
	return j.handle
}

// ID is the job's id.
func (j *Job) ID() string {
	if j.ended != nil {
		return j.ended.ID
	}
	return contract.JobID(j.live())
}

// Done says whether it ended. It never waits.
func (j *Job) Done() bool {
	return j.ended != nil || contract.JobDone(j.live())
}

// Wait waits until the job ends. The only error is an [*Error] with the reason paused,
// of a job that this attempt paused itself.
func (j *Job) Wait() (wodehost.Outcome, error) {
	if outcome, ok := j.wait(nil); ok {
		return outcome, nil
	}
	return wodehost.Outcome{}, &Error{
		Reason:  "paused",
		Message: "it is paused by the job that waits for it; resume it before",
	}
}

// WaitFor waits at most so long; ok is false when the job has not ended.
func (j *Job) WaitFor(timeout time.Duration) (outcome wodehost.Outcome, ok bool) {
	return j.wait(milliseconds(timeout))
}

func (j *Job) wait(timeoutMs *uint64) (wodehost.Outcome, bool) {
	if j.ended == nil {
		ended, ok := contract.JobWait(j.live(), timeoutMs)
		if !ok {
			return wodehost.Outcome{}, false
		}
		outcome := wodehost.OutcomeOf(ended)
		j.Release()
		j.ended = &outcome
	}
	return *j.ended, true
}

// Cancel stops the job now.
func (j *Job) Cancel() { j.cancel(nil) }

// CancelWithin lets task.Stopping be true in it for so long before.
func (j *Job) CancelWithin(grace time.Duration) { j.cancel(milliseconds(grace)) }

func (j *Job) cancel(graceMs *uint64) {
	if j.ended == nil {
		contract.JobCancel(j.live(), graceMs)
	}
}

// Pause stops running it; its keepalive and deadline stand still.
func (j *Job) Pause() {
	if j.ended == nil {
		contract.JobPause(j.live())
	}
}

// Resume runs it again.
func (j *Job) Resume() {
	if j.ended == nil {
		contract.JobResume(j.live())
	}
}

// Release gives the host's handle back without waiting for the job, which goes on: for
// a worker that submits thousands and never asks. A job that was waited for is
// released by itself. A released job cannot be asked anything.
func (j *Job) Release() {
	if !j.released {
		j.released = true
		contract.JobDrop(j.handle)
	}
}

// Result waits for a job and reads its result. The error is an [*Error].
func Result[T any](job *Job) (T, error) {
	outcome, err := job.Wait()
	if err != nil {
		var none T
		return none, err
	}
	return ResultOf[T](outcome)
}

// ResultOf reads the result of a job that succeeded. The error is an [*Error], with the
// whole outcome.
func ResultOf[T any](outcome wodehost.Outcome) (T, error) {
	var none T
	if outcome.Status != wodehost.Success {
		return none, ended(outcome, outcome.Reason, outcome.Message)
	}
	result, err := wodehost.Decode[T](outcome.Data)
	if err != nil {
		return none, ended(outcome, wodehost.BadValue, err.Error())
	}
	return result, nil
}
