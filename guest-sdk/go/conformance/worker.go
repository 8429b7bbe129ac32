package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"wodehost"
	"wodehost/board"
	"wodehost/clock"
	"wodehost/host"
	"wodehost/log"
	"wodehost/random"
	"wodehost/task"
)

// request is what the worker is asked.
type request struct {
	Do   string       `msgpack:"do,required"`
	With wodehost.Raw `msgpack:"with,omitempty"`
}

var wasSetUp bool

func setUp() error {
	wasSetUp = true
	return nil
}

func answer(job wodehost.Raw) (any, error) {
	asked, err := wodehost.Decode[request](job)
	if err != nil {
		return nil, wodehost.Failf("bad-request", "the job is no request: %w", err)
	}
	reply, known := replies[asked.Do]
	if !known {
		return nil, wodehost.Failf("bad-request", "there is no request `%s`", asked.Do)
	}
	return reply(asked.With)
}

var replies map[string]func(with wodehost.Raw) (any, error)

// Filled here, since some of the replies lead back to the map.
func init() {
	replies = map[string]func(wodehost.Raw) (any, error){
		"describe":       describe,
		"echo":           echo,
		"fail":           func(with wodehost.Raw) (any, error) { return nil, failNaturally(with) },
		"throw":          on(func(text string) (any, error) { return conformance_middle(text), nil }),
		"throw-in-cause": on(throwInCause),
		"trap":           func(wodehost.Raw) (any, error) { trap(); return nil, nil },
		"exit":           func(wodehost.Raw) (any, error) { os.Exit(3); return nil, nil },
		"null":           gives[any](nil),
		"nan":            gives(math.NaN()),
		"huge":           gives(new(big.Int).Lsh(big.NewInt(1), 64)),
		"cyclic":         cyclic,
		"unsupported":    gives(describe),
		"raw":            on(func(value []byte) (any, error) { return wodehost.Raw(value), nil }),
		"argument":       argument,
		"spin":           func(wodehost.Raw) (any, error) { spin(); return nil, nil },
		"recurse":        func(wodehost.Raw) (any, error) { return recurse(0), nil },
		"allocate":       on(allocate),
		"set-up":         func(wodehost.Raw) (any, error) { return wasSetUp, nil },

		"stay-alive":     on(stayAlive),
		"carry":          func(with wodehost.Raw) (any, error) { return carry(with, giveUp) },
		"carry-and-trap": func(with wodehost.Raw) (any, error) { return carry(with, trapped) },
		"data":           func(wodehost.Raw) (any, error) { return task.Data[any]() },
		"update":         func(with wodehost.Raw) (any, error) { return refused(task.Update(with)) },
		"update-large":   on(updateLarge),
		"success":        success,
		"success-state":  successState,
		"failure":        failure,
		"failure-state":  failureState,
		"restart":        on(restart),
		"facts":          facts,
		"env":            on(env),
		"set-name":       on(setName),
		"emit":           on(emit),
		"log":            logAll,
		"print":          on(printBoth),
		"board":          onBoard(func() {}),
		"board-end":      onBoard(func() { board.Complete(); board.SetLook(board.Success) }),
		"board-clear":    onBoard(board.Clear),
		"tick-early":     func(wodehost.Raw) (any, error) { return refused(board.Tick(1)) },
		"clock":          on(readClock),
		"random":         readRandom,
		"wait-for-stop":  waitForStop,
		"sleep":          on(sleep),

		"submit":        submitToSelf,
		"submit-to":     on(submitTo),
		"submit-many":   on(submitMany),
		"wait-any":      waitAny,
		"wait-timeout":  waitTimeout,
		"cancel":        cancel,
		"pause":         pause,
		"submit-within": submitWithin,
		"through":       on(through),
	}
}

// on reads `with` as a T.
func on[T any](f func(T) (any, error)) func(wodehost.Raw) (any, error) {
	return func(with wodehost.Raw) (any, error) {
		read, err := wodehost.Decode[T](with)
		if err != nil {
			return nil, wodehost.Failf("bad-request", "with: %w", err)
		}
		return f(read)
	}
}

func gives[T any](value T) func(wodehost.Raw) (any, error) {
	return func(wodehost.Raw) (any, error) { return value, nil }
}

func describe(wodehost.Raw) (any, error) {
	return map[string]any{"conformance": 1, "language": "go", "lacks": []string{}}, nil
}

// echo reads the value and writes it again.
func echo(with wodehost.Raw) (any, error) { return wodehost.Decode[any](with) }

func failNaturally(with wodehost.Raw) error {
	value, err := wodehost.Decode[any](with)
	if err != nil {
		return err
	}
	return wodehost.FailWith(value)
}

func conformance_middle(text string) int { return 1 + conformance_deep(text) }

func conformance_deep(text string) int { panic(errors.New(text)) }

func throwInCause(text string) (any, error) {
	return nil, fmt.Errorf("the outer error: %w", errors.New(text))
}

// trap is in trap_wasm.s.
func trap()

func cyclic(wodehost.Raw) (any, error) {
	itself := []any{nil}
	itself[0] = itself
	return itself, nil
}

func argument(with wodehost.Raw) (any, error) {
	return wodehost.DecodeAs[int64](wodehost.BadArgument, with)
}

func spin() {
	for n := uint64(1); n != 0; n |= 1 {
		n += 2
	}
}

func recurse(n int) int { return recurse(n+1) + n }

func allocate(total int) (any, error) {
	const piece = 1 << 20
	var pieces [][]byte
	for left := total; left > 0; left -= piece {
		memory := make([]byte, min(left, piece))
		for i := range memory {
			memory[i] = byte(i) | 1
		}
		pieces = append(pieces, memory)
	}
	sum := 0
	for _, memory := range pieces {
		sum += len(memory)
	}
	return sum, nil
}

func stayAlive(ms int) (any, error) {
	end := clock.Now().Add(time.Duration(ms) * time.Millisecond)
	count, last := 0, clock.Now()
	for last.Before(end) {
		if now := clock.Now(); now.After(last) {
			last = now
			count++
			task.Keepalive()
		}
	}
	return count, nil
}

func giveUp() error { return errors.New("the first attempt") }

func trapped() error {
	trap()
	return nil
}

func carry(with wodehost.Raw, end func() error) (any, error) {
	if task.Attempt() > 1 {
		return task.Data[any]()
	}
	if err := task.Update(with); err != nil {
		return nil, err
	}
	return nil, end()
}

// refused answers what the host refused.
func refused(err error) (any, error) {
	if err == nil {
		return nil, nil
	}
	return map[string]string{"refused": err.Error()}, nil
}

func updateLarge(size int) (any, error) {
	return refused(task.Update(strings.Repeat("x", size)))
}

func success(with wodehost.Raw) (any, error) {
	task.Success(with)
	return "not reached", nil
}

func successState(with wodehost.Raw) (any, error) {
	if err := task.Update(with); err != nil {
		return nil, err
	}
	task.SuccessWithState()
	return "not reached", nil
}

func failure(with wodehost.Raw) (any, error) {
	task.Failure(with)
	return "not reached", nil
}

func failureState(with wodehost.Raw) (any, error) {
	if err := task.Update(with); err != nil {
		return nil, err
	}
	task.FailureWithState()
	return "not reached", nil
}

func restart(attempt int) (any, error) {
	if task.Attempt() < attempt {
		task.Restart()
	}
	return task.Attempt(), nil
}

func facts(wodehost.Raw) (any, error) {
	var left any
	if some, ok := task.RetriesLeft(); ok {
		left = some
	}
	config, err := host.Config[wodehost.Raw]()
	return map[string]any{
		"id": task.ID(), "group": task.Group(), "attempt": task.Attempt(), "retries-left": left,
		"name": host.Name(), "config": config, "stopping": task.Stopping(),
	}, err
}

func env(name string) (any, error) {
	if value, ok := host.Env(name); ok {
		return value, nil
	}
	return nil, nil
}

func setName(name string) (any, error) {
	task.SetName(name)
	return host.Name(), nil
}

func emit(values []wodehost.Raw) (any, error) {
	for _, value := range values {
		if err := task.Emit(value); err != nil {
			return nil, err
		}
	}
	return len(values), nil
}

func logAll(wodehost.Raw) (any, error) {
	log.Error("an error")
	log.Warn("a warning")
	log.Info("an information")
	log.Debug("a detail")
	return nil, nil
}

func printBoth(text string) (any, error) {
	for _, stream := range []io.Writer{os.Stdout, os.Stderr} {
		if _, err := fmt.Fprintln(stream, text); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func onBoard(end func()) func(wodehost.Raw) (any, error) {
	return func(wodehost.Raw) (any, error) {
		board.Say("working")
		board.SetLook(board.Warning)
		board.Pin(true)
		board.Start(10)
		err := board.Tick(3)
		end()
		return nil, err
	}
}

func readClock(ms int) (any, error) {
	before := clock.Now().UnixMilli()
	clock.Sleep(time.Duration(ms) * time.Millisecond)
	return []int64{before, clock.Now().UnixMilli()}, nil
}

func readRandom(wodehost.Raw) (any, error) {
	return []any{random.Bytes(16), random.Bytes(16), rand.Float64()}, nil
}

func waitForStop(wodehost.Raw) (any, error) {
	for !task.Stopping() {
		task.Keepalive()
		clock.Sleep(5 * time.Millisecond)
	}
	return "stopped", nil
}

func sleep(ms int) (any, error) {
	clock.Sleep(time.Duration(ms) * time.Millisecond)
	return nil, nil
}
