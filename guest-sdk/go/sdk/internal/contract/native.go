//go:build !wasip1

package contract

// Host is what stands for the host outside of a plugin.
type Host interface {
	HostName() string
	HostConfig() []byte
	HostEnv(name string) (string, bool)
	LogWrite(level uint32, message string)
	ClockSleep(ms uint64)
	ClockNow() uint64
	RandomBytes(n uint32) []byte

	TaskID() string
	TaskGroup() string
	TaskAttempt() uint32
	TaskRetriesLeft() (uint32, bool)
	TaskSetName(name string)
	TaskData() []byte
	TaskUpdateData(value []byte) (refused string, taken bool)
	TaskKeepalive()
	TaskEmit(value []byte) (refused string, taken bool)
	TaskSuccess(value []byte)
	TaskFailure(value []byte)
	TaskRestart()
	TaskStopping() bool

	BoardSay(text string)
	BoardSetLook(look uint32)
	BoardPin(on bool)
	BoardStart(total uint64)
	BoardTick(n uint64) (refused string, taken bool)
	BoardComplete()
	BoardClear()

	CheckpointLoad() ([]byte, bool)
	CheckpointSave(value []byte) (refused string, taken bool)

	JobsSubmit(what Dispatch, timeoutMs *uint64) (uint32, *Refusal)
	JobsWaitAny(jobs []uint32, timeoutMs *uint64) (uint32, bool)
	JobID(job uint32) string
	JobDone(job uint32) bool
	JobWait(job uint32, timeoutMs *uint64) (Outcome, bool)
	JobCancel(job uint32, graceMs *uint64)
	JobPause(job uint32)
	JobResume(job uint32)
	JobDrop(job uint32)
}

// Current is the host that the functions below talk to.
var Current Host

func current() Host {
	if Current == nil {
		panic("there is no host outside of a plugin; in a test, hosttest.New(t) makes one")
	}
	return Current
}

func HostName() string                                     { return current().HostName() }
func HostConfig() []byte                                   { return current().HostConfig() }
func HostEnv(name string) (string, bool)                   { return current().HostEnv(name) }
func LogWrite(level uint32, message string)                { current().LogWrite(level, message) }
func ClockSleep(ms uint64)                                 { current().ClockSleep(ms) }
func ClockNow() uint64                                     { return current().ClockNow() }
func RandomBytes(n uint32) []byte                          { return current().RandomBytes(n) }
func TaskID() string                                       { return current().TaskID() }
func TaskGroup() string                                    { return current().TaskGroup() }
func TaskAttempt() uint32                                  { return current().TaskAttempt() }
func TaskRetriesLeft() (uint32, bool)                      { return current().TaskRetriesLeft() }
func TaskSetName(name string)                              { current().TaskSetName(name) }
func TaskData() []byte                                     { return current().TaskData() }
func TaskUpdateData(value []byte) (string, bool)           { return current().TaskUpdateData(value) }
func TaskKeepalive()                                       { current().TaskKeepalive() }
func TaskEmit(value []byte) (string, bool)                 { return current().TaskEmit(value) }
func TaskSuccess(value []byte)                             { current().TaskSuccess(value) }
func TaskFailure(value []byte)                             { current().TaskFailure(value) }
func TaskRestart()                                         { current().TaskRestart() }
func TaskStopping() bool                                   { return current().TaskStopping() }
func BoardSay(text string)                                 { current().BoardSay(text) }
func BoardSetLook(look uint32)                             { current().BoardSetLook(look) }
func BoardPin(on bool)                                     { current().BoardPin(on) }
func BoardStart(total uint64)                              { current().BoardStart(total) }
func BoardTick(n uint64) (string, bool)                    { return current().BoardTick(n) }
func BoardComplete()                                       { current().BoardComplete() }
func BoardClear()                                          { current().BoardClear() }
func CheckpointLoad() ([]byte, bool)                       { return current().CheckpointLoad() }
func CheckpointSave(value []byte) (string, bool)           { return current().CheckpointSave(value) }
func JobsSubmit(d Dispatch, ms *uint64) (uint32, *Refusal) { return current().JobsSubmit(d, ms) }
func JobsWaitAny(jobs []uint32, ms *uint64) (uint32, bool) { return current().JobsWaitAny(jobs, ms) }
func JobID(job uint32) string                              { return current().JobID(job) }
func JobDone(job uint32) bool                              { return current().JobDone(job) }
func JobWait(job uint32, ms *uint64) (Outcome, bool)       { return current().JobWait(job, ms) }
func JobCancel(job uint32, ms *uint64)                     { current().JobCancel(job, ms) }
func JobPause(job uint32)                                  { current().JobPause(job) }
func JobResume(job uint32)                                 { current().JobResume(job) }
func JobDrop(job uint32)                                   { current().JobDrop(job) }
