package tests

import (
	"errors"
	"strings"
	"testing"
	"time"

	"wodehost"
	"wodehost/board"
	"wodehost/checkpoint"
	"wodehost/clock"
	"wodehost/consumer"
	"wodehost/gate"
	"wodehost/host"
	"wodehost/hosttest"
	"wodehost/log"
	"wodehost/producer"
	"wodehost/random"
	"wodehost/task"
	"wodehost/worker"
)

// endOf gives the failure value of an attempt that did not succeed.
func endOf(t *testing.T, err error, how string) wodehost.Raw {
	t.Helper()
	var ended *hosttest.Ended
	if !errors.As(err, &ended) || ended.How != how {
		t.Fatalf("got %v, wanted an end by %s", err, how)
	}
	return ended.Value
}

func TestAWorkerGetsItsJobAndGivesItsResult(t *testing.T) {
	hosttest.New(t)
	var calls []string
	worker.SetUp(func() error { calls = append(calls, "set-up"); return nil })
	worker.Run(func(n int) (int, error) { calls = append(calls, "run"); return n * 2, nil })
	result, err := hosttest.Work[int](21)
	if err != nil || result != 42 || strings.Join(calls, " ") != "set-up run" {
		t.Error(result, err, calls)
	}
}

func TestAWorkersArgumentThatDoesNotFitIsABadArgument(t *testing.T) {
	hosttest.New(t)
	worker.SetUp(func() error { return nil })
	worker.Run(func(struct {
		Width uint8 `msgpack:"width"`
	}) (any, error) {
		t.Error("it ran")
		return nil, nil
	})
	_, err := hosttest.Work[any](map[string]int{"width": 300})
	got := read(t, endOf(t, err, "error"))
	if got.Code != wodehost.BadArgument || got.Message != "at width: found the integer 300, expected one from 0 to 255" {
		t.Errorf("%+v", got)
	}
}

func TestAWorkerThatTakesNothingDoesNotLook(t *testing.T) {
	hosttest.New(t)
	worker.SetUp(func() error { return nil })
	worker.Run(func(struct{}) (string, error) { return "done", nil })
	if result, err := hosttest.Work[string](5); err != nil || result != "done" {
		t.Error(result, err)
	}
}

func TestAWorkersErrorPanicAndBadResultAreFailures(t *testing.T) {
	hosttest.New(t)
	worker.SetUp(func() error { return nil })
	cases := []struct {
		work    func(any) (any, error)
		message string
		code    string
	}{
		{func(any) (any, error) { return nil, errors.New("no") }, "no", ""},
		{func(any) (any, error) { panic("no") }, "no", ""},
		{func(any) (any, error) { return []any{t.Log}, nil }, "at [0]: a func(...interface {}) has no MessagePack form",
			wodehost.BadValue},
	}
	for _, c := range cases {
		worker.Run(c.work)
		_, err := hosttest.Work[any](nil)
		if got := read(t, endOf(t, err, "error")); got.Message != c.message || got.Code != c.code {
			t.Errorf("%+v", got)
		}
	}
}

func TestAFailedSetUpIsTheEnd(t *testing.T) {
	hosttest.New(t)
	worker.SetUp(func() error { return errors.New("no set-up") })
	worker.Run(func(any) (any, error) { t.Error("it ran"); return nil, nil })
	_, err := hosttest.Work[any](nil)
	if err == nil || err.Error() != "no set-up" {
		t.Error(err)
	}
}

func TestAnAttemptCanEndItself(t *testing.T) {
	fake := hosttest.New(t)
	worker.SetUp(func() error { return nil })
	ends := []struct {
		end   func()
		how   string
		value string
	}{
		{func() { task.Success(5) }, "", "05"},
		{task.SuccessWithState, "", "07"},
		{func() { task.Failure("x") }, "failure", "a178"},
		{task.FailureWithState, "failure", "07"},
		{task.Restart, "restart", ""},
	}
	for _, c := range ends {
		fake.State = wodehost.Raw{7}
		worker.Run(func(any) (any, error) { c.end(); t.Error("it went on"); return nil, nil })
		result, err := hosttest.Work[wodehost.Raw](nil)
		if c.how != "" {
			result = endOf(t, err, c.how)
		}
		same(t, result, vector(t, c.value))
	}
	worker.Run(func(any) (any, error) { task.Success(t.Log); return nil, nil })
	_, err := hosttest.Work[any](nil)
	if got := read(t, endOf(t, err, "error")); got.Code != wodehost.BadValue {
		t.Errorf("%+v", got)
	}
}

func TestAnAttemptTalksToItsHost(t *testing.T) {
	fake := hosttest.New(t)
	left := 2
	fake.Name, fake.JobID, fake.Group, fake.Attempt, fake.RetriesLeft = "j-1/2", "j-1", "g", 2, &left
	fake.Config, fake.Env = map[string]any{"last": 10}, map[string]string{"LANG": "C"}

	if task.ID() != "j-1" || task.Group() != "g" || task.Attempt() != 2 || task.Stopping() {
		t.Error("the attempt is another")
	}
	if some, ok := task.RetriesLeft(); some != 2 || !ok {
		t.Error(some, ok)
	}
	task.SetName("renamed")
	if host.Name() != "renamed" {
		t.Error(host.Name())
	}
	config, err := host.Config[struct {
		Last int `msgpack:"last"`
	}]()
	if err != nil || config.Last != 10 {
		t.Error(config, err)
	}
	_, err = host.Config[[]int]()
	var failure *wodehost.Failure
	if !errors.As(err, &failure) || failure.Code != wodehost.BadConfig {
		t.Error(err)
	}
	if value, ok := host.Env("LANG"); value != "C" || !ok {
		t.Error(value, ok)
	}
	if _, ok := host.Env("HOME"); ok {
		t.Error("a variable that is not set was there")
	}
	task.Keepalive()
	log.Warnf("%d left", 2)
	if fake.Keepalives != 1 || fake.Logs[0] != "warn: 2 left" {
		t.Error(fake.Keepalives, fake.Logs)
	}
	if first, second := random.Bytes(16), random.Seed(); len(first) != 16 || second == [32]byte{} {
		t.Error(first, second)
	}
	before := clock.Now()
	clock.Sleep(1500 * time.Microsecond)
	if waited := clock.Now().Sub(before); waited != 2*time.Millisecond {
		t.Error(waited)
	}
}

type progress struct {
	Done int `msgpack:"done"`
}

func TestStateAndEmittedValuesGoToTheHost(t *testing.T) {
	fake := hosttest.New(t)
	if state, err := task.Data[progress](); err != nil || state.Done != 0 {
		t.Error(state, err)
	}
	if err := task.Update(progress{3}); err != nil {
		t.Fatal(err)
	}
	if state, err := task.Data[progress](); err != nil || state.Done != 3 {
		t.Error(state, err)
	}
	if err := task.Emit("x"); err != nil || len(fake.Emitted) != 1 {
		t.Error(err, fake.Emitted)
	}
	fake.Refuse = "too large"
	for _, err := range []error{task.Update(1), task.Emit(1), checkpoint.Save(1)} {
		var failure *wodehost.Failure
		if !errors.As(err, &failure) || failure.Code != wodehost.NotTaken || failure.Message != "too large" {
			t.Error(err)
		}
	}
	if err := task.Update(make(chan int)); err == nil || len(fake.Emitted) != 1 {
		t.Error("what cannot be written was taken")
	}
}

func TestTheBoardIsTold(t *testing.T) {
	fake := hosttest.New(t)
	if err := board.Tick(1); err == nil || err.Error() != "`tick` before `start`" {
		t.Error(err)
	}
	board.Say("working")
	board.SetLook(board.Warning)
	board.Pin(true)
	board.Start(10)
	if err := board.Tick(3); err != nil {
		t.Error(err)
	}
	board.Complete()
	board.Clear()
	wanted := "say working, look warning, pin true, start 10, tick 3, complete, clear"
	if got := strings.Join(fake.Board, ", "); got != wanted {
		t.Error(got)
	}
}

func TestAProducerYieldsOneJobAtATime(t *testing.T) {
	fake := hosttest.New(t)
	producer.Run(func(yield func(wodehost.Dispatch)) error {
		for n := 1; n <= 2; n++ {
			if err := checkpoint.Save(n); err != nil {
				return err
			}
			yield(wodehost.To("double", n).With("retries", 0))
		}
		yield(wodehost.To("sum", 1, "a"))
		yield(wodehost.To("none"))
		return errors.New("stopped")
	})
	wanted := []struct{ worker, job, options, saved string }{
		{"double", "01", "81 a772657472696573 00", "01"},
		{"double", "02", "81 a772657472696573 00", "02"},
		{"sum", "92 01 a161", "", "02"},
		{"none", "c0", "", "02"},
	}
	for _, job := range wanted {
		got, ok, err := hosttest.Next()
		if err != nil || !ok || got.Worker != job.worker {
			t.Fatal(got, ok, err)
		}
		same(t, got.Job, vector(t, job.job))
		same(t, got.Options, vector(t, job.options))
		same(t, fake.Checkpoint, vector(t, job.saved))
	}
	_, _, err := hosttest.Next()
	if got := read(t, endOf(t, err, "error")); got.Message != "stopped" {
		t.Errorf("%+v", got)
	}
}

func TestAProducersPanicAndBadJobAreFailures(t *testing.T) {
	hosttest.New(t)
	producer.Run(func(func(wodehost.Dispatch)) error { deep("no more"); return nil })
	_, _, err := hosttest.Next()
	if got := read(t, endOf(t, err, "error")); got.Message != "no more" || !strings.HasPrefix(got.Trace, "sdktests.deep\n") {
		t.Errorf("%+v", got)
	} else if strings.Contains(got.Trace, "wodehost.Catch") || strings.Contains(got.Trace, "runtime.") {
		t.Errorf("the trace tells the SDK's own calls: %s", got.Trace)
	}
	producer.Run(func(yield func(wodehost.Dispatch)) error { yield(wodehost.To("w", 1, t.Log)); return nil })
	_, _, err = hosttest.Next()
	got := read(t, endOf(t, err, "error"))
	if got.Code != wodehost.BadValue || !strings.HasPrefix(got.Message, "argument 1 of a job for w: ") {
		t.Errorf("%+v", got)
	}
	producer.Run(func(func(wodehost.Dispatch)) error { return nil })
	if _, ok, err := hosttest.Next(); ok || err != nil {
		t.Error(ok, err)
	}
}

func TestAConsumerTakesOutcomes(t *testing.T) {
	fake := hosttest.New(t)
	total := 0
	consumer.Run(func(n int, outcome wodehost.Outcome) error {
		result, err := wodehost.Decode[int](outcome.Data)
		total += n + result
		return err
	})
	consumer.OnEmit(func(value wodehost.Emitted) error {
		log.Infof("%s %d %d %x", value.JobID, value.Attempt, value.Seq, value.Data)
		return nil
	})
	consumer.Finish(func() error { return wodehost.FailWith(total) })
	if err := hosttest.Consume(1, wodehost.Outcome{Data: wodehost.Raw{2}}); err != nil {
		t.Error(err)
	}
	err := hosttest.Consume("x", wodehost.Outcome{})
	if got := read(t, endOf(t, err, "error")); got.Code != wodehost.BadArgument {
		t.Errorf("%+v", got)
	}
	err = hosttest.Emit(wodehost.Emitted{JobID: "j", Attempt: 1, Seq: 2, Data: wodehost.Raw{3}})
	if err != nil || fake.Logs[0] != "info: j 1 2 03" {
		t.Error(err, fake.Logs)
	}
	same(t, endOf(t, hosttest.Finish(), "error"), vector(t, "03"))
}

func TestCheckpointsAreLoaded(t *testing.T) {
	hosttest.New(t)
	if _, ok, err := checkpoint.Load[int](); ok || err != nil {
		t.Error(ok, err)
	}
	if err := checkpoint.Save(5); err != nil {
		t.Error(err)
	}
	if saved, ok, err := checkpoint.Load[int](); saved != 5 || !ok || err != nil {
		t.Error(saved, ok, err)
	}
	if _, _, err := checkpoint.Load[string](); err == nil {
		t.Error("an integer was a string")
	}
}

func TestAGateSaysHowLong(t *testing.T) {
	hosttest.New(t)
	gate.Run(func() (time.Duration, error) { return time.Second, nil })
	if wait, err := hosttest.Admit(); wait != time.Second || err != nil {
		t.Error(wait, err)
	}
}
