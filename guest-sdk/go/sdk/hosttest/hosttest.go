//go:build !wasip1

// Package hosttest stands for the host in tests of a plugin, which run natively:
//
//	func TestHello(t *testing.T) {
//		hosttest.New(t)
//		worker.Run(hello)
//		result, err := hosttest.Work[string]("Ada")
//		if err != nil || result != "Hello, Ada!" {
//			t.Fatal(result, err)
//		}
//	}
//
// What is registered is called as the host would call it, in one process: there is no
// sandbox and no limit. A worker's function can be called without all this, too, as
// long as it does not talk to the host.
package hosttest

import (
	"crypto/rand"
	"testing"
	"time"

	"wodehost"
	"wodehost/internal/contract"
)

// Host is a host that a test fills before and reads afterwards.
type Host struct {
	// Name is what host.Name gives, and task.SetName changes.
	Name string
	// Config is what host.Config reads; nil is an empty map.
	Config any
	// Env are the variables that host.Env gives.
	Env map[string]string

	// JobID, Group and Attempt are those of the job that is running.
	JobID, Group string
	Attempt      int
	// RetriesLeft is nil where there is no end of them.
	RetriesLeft *int
	// Stopping is what task.Stopping gives.
	Stopping bool
	// State is the carried state; empty is an empty map.
	State wodehost.Raw
	// Checkpoint is what was saved last; empty when nothing was.
	Checkpoint wodehost.Raw
	// Refuse, when it is not empty, is the answer to each state, checkpoint and emitted
	// value: not taken, for this reason.
	Refuse string

	// Workers do what is submitted: name to what the job gives. A submitted job runs
	// when it is waited for.
	Workers map[string]func(job wodehost.Raw) (any, error)
	// Room is how many submitted jobs may be unfinished; 0 is any number.
	Room int

	// Now is what clock.Now gives; clock.Sleep moves it and does not wait.
	Now time.Time

	// Logs are the lines that were written: "info: the text".
	Logs []string
	// Board tells what was done to the line of the board, a call each.
	Board []string
	// Emitted are the values that were emitted.
	Emitted []wodehost.Raw
	// Keepalives counts them.
	Keepalives int
	// Submitted are the jobs that were submitted.
	Submitted []Submitted

	started bool
	ended   *end
	jobs    []*job
}

// New makes a host, which is the one that this process talks to until the end of the
// test. Tests with one cannot run in parallel.
func New(t testing.TB) *Host {
	host := &Host{
		Name: "test", JobID: "test-1", Attempt: 1,
		Now: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	before := contract.Current
	contract.Current = imports{host}
	t.Cleanup(func() { contract.Current = before })
	return host
}

// imports are the contract's functions, which a test has no need to see.
type imports struct{ *Host }

var emptyMap = []byte{0x80}

func (h imports) HostName() string { return h.Name }

func (h imports) HostConfig() []byte {
	if h.Config == nil {
		return emptyMap
	}
	config, err := wodehost.Encode(h.Config)
	if err != nil {
		panic(err)
	}
	return config
}

func (h imports) HostEnv(name string) (string, bool) {
	value, ok := h.Env[name]
	return value, ok
}

func (h imports) LogWrite(level uint32, message string) {
	names := [...]string{"error", "warn", "info", "debug"}
	h.Logs = append(h.Logs, names[level]+": "+message)
}

func (h imports) ClockSleep(ms uint64) { h.Now = h.Now.Add(time.Duration(ms) * time.Millisecond) }
func (h imports) ClockNow() uint64     { return uint64(h.Now.UnixMilli()) }

func (h imports) RandomBytes(n uint32) []byte {
	bytes := make([]byte, n)
	_, _ = rand.Read(bytes) // never fails
	return bytes
}

func (h imports) CheckpointLoad() ([]byte, bool) { return h.Checkpoint, len(h.Checkpoint) > 0 }

func (h imports) CheckpointSave(value []byte) (string, bool) {
	if h.Refuse == "" {
		h.Checkpoint = value
	}
	return h.Refuse, h.Refuse == ""
}
