package main

import (
	"errors"
	"time"

	"wodehost"
	"wodehost/jobs"
)

// self is this worker's own name: that of the plugin.
const self = "conformance"

func ask(do string, with any) wodehost.Dispatch {
	return wodehost.To(self, map[string]any{"do": do, "with": with})
}

// told is an outcome as an answer.
func told(outcome wodehost.Outcome) map[string]any {
	var message any
	if outcome.Message != "" {
		message = outcome.Message
	}
	return map[string]any{
		"id": outcome.ID, "worker": outcome.Worker, "status": outcome.Status.String(),
		"reason": outcome.Reason, "data": outcome.Data, "attempts": outcome.Attempts, "message": message,
	}
}

// awaited waits for what a submit gave and tells its outcome.
func awaited(job *jobs.Job, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	outcome, err := job.Wait()
	if err != nil {
		return nil, err
	}
	return told(outcome), nil
}

func submitToSelf(with wodehost.Raw) (any, error) {
	return awaited(jobs.Submit(wodehost.To(self, with)))
}

type target struct {
	_        struct{} `msgpack:",as_array"`
	Worker   string
	Argument wodehost.Raw
	Options  map[string]any
}

func submitTo(to target) (any, error) {
	dispatch := wodehost.To(to.Worker, to.Argument)
	dispatch.Options = to.Options
	answer, err := awaited(jobs.Submit(dispatch))
	var refused *jobs.SubmitError
	if errors.As(err, &refused) {
		var text any
		if refused.Refusal != jobs.NoSlot && refused.Refusal != jobs.Closed {
			text = refused.Text
		}
		return map[string]any{"refused": refused.Refusal.String(), "text": text}, nil
	}
	return answer, err
}

func submitMany(requests []wodehost.Raw) (any, error) {
	submitted := make([]*jobs.Job, len(requests))
	for i, request := range requests {
		job, err := jobs.Submit(wodehost.To(self, request))
		if err != nil {
			return nil, err
		}
		submitted[i] = job
	}
	data := make([]wodehost.Raw, len(submitted))
	for i, job := range submitted {
		outcome, err := job.Wait()
		if err != nil {
			return nil, err
		}
		data[i] = outcome.Data
	}
	return data, nil
}

func waitAny(with wodehost.Raw) (any, error) {
	slow, err := jobs.Submit(ask("sleep", 2000))
	if err != nil {
		return nil, err
	}
	quick, err := jobs.Submit(ask("echo", with))
	if err != nil {
		return nil, err
	}
	both := []*jobs.Job{slow, quick}
	first, ok := jobs.WaitAny(both, jobs.Forever)
	if !ok {
		return nil, errors.New("nothing ended")
	}
	both[1-first].Cancel()
	outcome, err := both[first].Wait()
	return []any{first, outcome.Data}, err
}

func waitTimeout(wodehost.Raw) (any, error) {
	job, err := jobs.Submit(ask("sleep", 500))
	if err != nil {
		return nil, err
	}
	_, ended := job.WaitFor(10 * time.Millisecond)
	return []bool{ended, job.Done()}, nil
}

func cancel(wodehost.Raw) (any, error) {
	job, err := jobs.Submit(ask("sleep", 60000))
	if err == nil {
		job.Cancel()
	}
	return awaited(job, err)
}

func pause(with wodehost.Raw) (any, error) {
	job, err := jobs.Submit(ask("echo", with))
	if err == nil {
		job.Pause()
		job.Resume()
	}
	return awaited(job, err)
}

func submitWithin(with wodehost.Raw) (any, error) {
	return awaited(jobs.SubmitWithin(ask("echo", with), 10*time.Second))
}

type passage struct {
	_       struct{} `msgpack:",as_array"`
	Value   wodehost.Raw
	Workers []string
}

func through(with passage) (any, error) {
	if len(with.Workers) == 0 {
		return with.Value, nil
	}
	rest := []any{with.Value, with.Workers[1:]}
	request := map[string]any{"do": "through", "with": rest}
	job, err := jobs.Submit(wodehost.To(with.Workers[0], request))
	if err != nil {
		return nil, err
	}
	outcome, err := job.Wait()
	if err == nil && outcome.Status != wodehost.Success {
		return nil, wodehost.FailWith(outcome.Data)
	}
	return outcome.Data, err
}
