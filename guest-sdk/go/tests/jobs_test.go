package tests

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"wodehost"
	"wodehost/hosttest"
	"wodehost/jobs"
)

// nested is a host with a worker that doubles, and fails for 13.
func nested(t *testing.T) *hosttest.Host {
	fake := hosttest.New(t)
	fake.Workers = map[string]func(wodehost.Raw) (any, error){
		"double": func(job wodehost.Raw) (any, error) {
			n, err := wodehost.Decode[int](job)
			if n == 13 {
				return nil, errors.New("bad luck")
			}
			return 2 * n, err
		},
	}
	return fake
}

func submit(t *testing.T, n int) *jobs.Job {
	t.Helper()
	job, err := jobs.Submit(wodehost.To("double", n))
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func TestASubmittedJobHasAResult(t *testing.T) {
	fake := nested(t)
	job := submit(t, 4)
	if job.Done() || job.ID() != "test-1/1" {
		t.Error(job.Done(), job.ID())
	}
	if result, err := jobs.Result[int](job); err != nil || result != 8 {
		t.Error(result, err)
	}
	// The handle is given back, and the job still knows what it was.
	if !fake.Submitted[0].Released || !job.Done() || job.ID() != "test-1/1" {
		t.Errorf("%+v", fake.Submitted[0])
	}
	job.Cancel()
	job.Pause()
	if fake.Submitted[0].Cancelled || fake.Submitted[0].Paused {
		t.Error("a job that had ended was touched")
	}
	if outcome, err := job.Wait(); err != nil || outcome.Status != wodehost.Success {
		t.Error(outcome, err)
	}
}

func TestAJobThatFailedIsAnErrorWithItsOutcome(t *testing.T) {
	nested(t)
	_, err := jobs.Result[int](submit(t, 13))
	var failed *jobs.Error
	if !errors.As(err, &failed) || failed.Reason != "error" || failed.Status != wodehost.Failed {
		t.Fatal(err)
	}
	if text := "job test-1/1 of `double` gave no result: error: bad luck"; err.Error() != text {
		t.Error(err)
	}
	if got := read(t, failed.Outcome.Data); got.Message != "bad luck" {
		t.Errorf("%+v", got)
	}
	if got := read(t, wodehost.FailureOf(err)); got.Code != "error" {
		t.Errorf("%+v", got)
	}
	_, err = jobs.Result[string](submit(t, 1))
	if !errors.As(err, &failed) || failed.Reason != wodehost.BadValue || failed.Status != wodehost.Success {
		t.Error(err)
	}
}

func TestARefusedSubmitSaysWhy(t *testing.T) {
	fake := nested(t)
	_, err := jobs.Submit(wodehost.To("nobody"))
	var refused *jobs.SubmitError
	if !errors.As(err, &refused) || refused.Refusal != jobs.UnknownWorker || refused.Text != "nobody" {
		t.Error(err)
	}
	if _, err := jobs.Submit(wodehost.To("double", t.Log)); err == nil || len(fake.Submitted) != 0 {
		t.Error("what cannot be written was submitted")
	}
	names := []string{
		"no-slot", "gate", "limit", "closed", "unknown-worker", "bad-value", "bad-options", "not-permitted",
	}
	for i, name := range names {
		if jobs.Refusal(i).String() != name {
			t.Error(i, jobs.Refusal(i))
		}
	}
}

func TestAPausedJobIsNotWaitedForForEver(t *testing.T) {
	nested(t)
	job := submit(t, 1)
	job.Pause()
	if _, ok := job.WaitFor(time.Second); ok {
		t.Error("it ended")
	}
	_, err := job.Wait()
	var paused *jobs.Error
	if !errors.As(err, &paused) || paused.Reason != "paused" || paused.Outcome != nil {
		t.Error(err)
	}
	job.Resume()
	if result, err := jobs.Result[int](job); err != nil || result != 2 {
		t.Error(result, err)
	}
}

func TestOneOfSeveralIsWaitedFor(t *testing.T) {
	fake := nested(t)
	several := []*jobs.Job{submit(t, 1), submit(t, 2)}
	several[0].Pause()
	if index, ok := jobs.WaitAny(several, jobs.Forever); index != 1 || !ok {
		t.Error(index, ok)
	}
	if _, ok := jobs.WaitAny(nil, jobs.Forever); ok {
		t.Error("nothing ended")
	}
	several[0].Cancel()
	outcome, err := several[0].Wait()
	if err != nil || outcome.Status != wodehost.Cancelled || !fake.Submitted[0].Cancelled {
		t.Error(outcome, err)
	}
	if index, ok := jobs.WaitAny(several, jobs.Forever); index != 0 || !ok {
		t.Error(index, ok)
	}
}

func TestAReleasedJobCannotBeAsked(t *testing.T) {
	fake := nested(t)
	job := submit(t, 1)
	job.Release()
	job.Release()
	if !fake.Submitted[0].Released {
		t.Error("it was not released")
	}
	defer func() {
		if recover() == nil {
			t.Error("it was asked")
		}
	}()
	job.Done()
}

// results are those of a map, and "!" with the reason for an error.
func results(fake *hosttest.Host, items ...int) string {
	var got []string
	before := len(fake.Submitted)
	for result, err := range jobs.MapAhead[int](2, func(yield func(wodehost.Dispatch) bool) {
		for _, item := range items {
			if !yield(wodehost.To("double", item)) {
				return
			}
		}
	}) {
		var coded interface{ FailureCode() string }
		if errors.As(err, &coded) {
			got = append(got, "!"+coded.FailureCode())
		} else {
			got = append(got, fmt.Sprint(result))
		}
		if waiting := len(fake.Submitted) - before - len(got); waiting > 2 {
			got = append(got, fmt.Sprintf("%d ahead", waiting))
		}
	}
	return strings.Join(got, " ")
}

func TestAMapGivesResultsInTheOrderOfTheItems(t *testing.T) {
	fake := nested(t)
	if got := results(fake, 5, 13, 1, 2, 3); got != "10 !error 2 4 6" {
		t.Error(got)
	}
	if got := results(fake); got != "" {
		t.Error(got)
	}
}

func TestAMapWaitsForTheOldestAtALimit(t *testing.T) {
	fake := nested(t)
	fake.Room = 1
	if got := results(fake, 1, 2, 3); got != "2 4 6" {
		t.Error(got)
	}
	// A job that nothing in flight can make room for.
	submit(t, 9)
	if got := results(fake, 1, 2); got != "!limit !limit" {
		t.Error(got)
	}
}

func TestAMapGoesOnBehindAJobThatIsRefusedForGood(t *testing.T) {
	fake := nested(t)
	jobsOfThree := slices.Values([]wodehost.Dispatch{
		wodehost.To("double", 1), wodehost.To("nobody"), wodehost.To("double", 3),
	})
	var got []string
	for result, err := range jobs.MapAhead[int](3, jobsOfThree) {
		got = append(got, fmt.Sprint(result, err != nil, len(fake.Submitted)))
	}
	if text := strings.Join(got, ", "); text != "2 false 2, 0 true 2, 6 false 2" {
		t.Error(text)
	}
}

func TestAMapThatIsLeftSubmitsNoMore(t *testing.T) {
	fake := nested(t)
	items := slices.Values([]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17, 18, 19, 20})
	for result, err := range jobs.Map[int]("double", items) {
		if err != nil || result != 2 {
			t.Error(result, err)
		}
		break
	}
	if len(fake.Submitted) != 16 {
		t.Errorf("%d were submitted", len(fake.Submitted))
	}
}
