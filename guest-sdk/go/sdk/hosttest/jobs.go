//go:build !wasip1

package hosttest

import (
	"fmt"

	"wodehost"
	"wodehost/internal/contract"
)

// Submitted is a job that was submitted.
type Submitted struct {
	Worker string
	// Job is what the worker gets.
	Job wodehost.Raw
	// Options are the job's; empty when there are none.
	Options wodehost.Raw
	// Cancelled, Paused and Released say what became of it.
	Cancelled, Paused, Released bool
}

type job struct {
	work func(wodehost.Raw) (any, error)
	// outcome is nil while the job has not ended.
	outcome *contract.Outcome
}

// Cases of the contract's submit-error.
const (
	limit         = 2
	unknownWorker = 4
)

func (h imports) JobsSubmit(what contract.Dispatch, _ *uint64) (uint32, *contract.Refusal) {
	work, ok := h.Workers[what.Worker]
	if !ok {
		return 0, &contract.Refusal{Case: unknownWorker, Text: what.Worker}
	}
	if h.Room > 0 && h.unfinished() >= h.Room {
		return 0, &contract.Refusal{Case: limit, Text: "live"}
	}
	h.jobs = append(h.jobs, &job{work: work})
	h.Submitted = append(h.Submitted, Submitted{
		Worker: what.Worker, Job: together(what.Args), Options: what.Options,
	})
	return uint32(len(h.jobs) - 1), nil
}

func (h imports) unfinished() int {
	count := 0
	for _, job := range h.jobs {
		if job.outcome == nil {
			count++
		}
	}
	return count
}

// together is what a worker gets for these arguments.
func together(args [][]byte) wodehost.Raw {
	if len(args) == 1 {
		return args[0]
	}
	several := make([]wodehost.Raw, len(args))
	for i, arg := range args {
		several[i] = arg
	}
	if len(args) == 0 {
		return wodehost.Raw{0xc0}
	}
	raw, err := wodehost.Encode(several)
	if err != nil {
		panic(err)
	}
	return raw
}

func (h imports) JobID(job uint32) string { return fmt.Sprintf("%s/%d", h.Host.JobID, job+1) }
func (h imports) JobDone(job uint32) bool { return h.jobs[job].outcome != nil }

func (h imports) JobWait(handle uint32, _ *uint64) (contract.Outcome, bool) {
	job := h.jobs[handle]
	if job.outcome == nil && h.Submitted[handle].Paused {
		return contract.Outcome{}, false
	}
	if job.outcome == nil {
		result, err := job.work(h.Submitted[handle].Job)
		h.finish(handle, result, err)
	}
	return *job.outcome, true
}

func (h imports) finish(handle uint32, result any, err error) {
	outcome := &contract.Outcome{
		ID: h.JobID(handle), Worker: h.Submitted[handle].Worker, Status: uint8(wodehost.Success),
		Reason: "returned", Attempts: 1, More: emptyMap,
	}
	var data wodehost.Raw
	if err == nil {
		data, err = wodehost.Encode(result)
	}
	if err != nil {
		message := err.Error()
		outcome.Status, outcome.Reason, outcome.Message = uint8(wodehost.Failed), "error", &message
		data = wodehost.FailureOf(err)
	}
	outcome.Data = data
	h.jobs[handle].outcome = outcome
}

func (h imports) JobsWaitAny(jobs []uint32, _ *uint64) (uint32, bool) {
	for i, job := range jobs {
		if _, ok := h.JobWait(job, nil); ok {
			return uint32(i), true
		}
	}
	return 0, false
}

func (h imports) JobCancel(handle uint32, _ *uint64) {
	h.Submitted[handle].Cancelled = true
	if h.jobs[handle].outcome == nil {
		h.jobs[handle].outcome = &contract.Outcome{
			ID: h.JobID(handle), Worker: h.Submitted[handle].Worker, Status: uint8(wodehost.Cancelled),
			Reason: "cancelled", Data: emptyMap, More: emptyMap,
		}
	}
}

func (h imports) JobPause(handle uint32)  { h.Submitted[handle].Paused = true }
func (h imports) JobResume(handle uint32) { h.Submitted[handle].Paused = false }
func (h imports) JobDrop(handle uint32)   { h.Submitted[handle].Released = true }
