//go:build !wasip1

package hosttest

import "runtime"

// end is how an attempt ended itself.
type end struct {
	// how is success, failure or restart.
	how string
	// value is nil for none.
	value []byte
}

func (h imports) TaskID() string      { return h.Host.JobID }
func (h imports) TaskGroup() string   { return h.Group }
func (h imports) TaskAttempt() uint32 { return uint32(h.Attempt) }

func (h imports) TaskRetriesLeft() (uint32, bool) {
	if h.RetriesLeft == nil {
		return 0, false
	}
	return uint32(*h.RetriesLeft), true
}

func (h imports) TaskSetName(name string) { h.Name = name }

func (h imports) TaskData() []byte {
	if len(h.State) == 0 {
		return emptyMap
	}
	return h.State
}

func (h imports) TaskUpdateData(value []byte) (string, bool) {
	if h.Refuse == "" {
		h.State = value
	}
	return h.Refuse, h.Refuse == ""
}

func (h imports) TaskKeepalive() { h.Keepalives++ }

func (h imports) TaskEmit(value []byte) (string, bool) {
	if h.Refuse == "" {
		h.Emitted = append(h.Emitted, value)
	}
	return h.Refuse, h.Refuse == ""
}

func (h imports) TaskSuccess(value []byte) { h.end("success", value) }
func (h imports) TaskFailure(value []byte) { h.end("failure", value) }
func (h imports) TaskRestart()             { h.end("restart", nil) }
func (h imports) TaskStopping() bool       { return h.Stopping }

// end does not return, as in a plugin.
func (h imports) end(how string, value []byte) {
	if value == nil && how != "restart" {
		value = h.TaskData()
	}
	h.ended = &end{how, value}
	runtime.Goexit()
}
