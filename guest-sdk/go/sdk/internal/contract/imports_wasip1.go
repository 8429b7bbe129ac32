package contract

import (
	"runtime"
	"unsafe"
)

// answer is where the host leaves what does not fit into one number. It is read
// before anything else of this plugin runs, so one is enough.
var answer [16]uint32

func answerAt() unsafe.Pointer { return unsafe.Pointer(&answer) }

func text(call func(unsafe.Pointer)) string {
	borrow()
	defer giveBack()
	call(answerAt())
	return span{answer[0], answer[1]}.text()
}

func value(call func(unsafe.Pointer)) []byte {
	borrow()
	defer giveBack()
	call(answerAt())
	return span{answer[0], answer[1]}.bytes()
}

// taken is a result<_, string>.
func taken(call func(unsafe.Pointer)) (string, bool) {
	borrow()
	defer giveBack()
	call(answerAt())
	if uint8(answer[0]) == 0 {
		return "", true
	}
	return span{answer[1], answer[2]}.text(), false
}

// optional is an option<u64> as parameters.
func optional(number *uint64) (int32, uint64) {
	if number == nil {
		return 0, 0
	}
	return 1, *number
}

func flag(on bool) int32 {
	if on {
		return 1
	}
	return 0
}

func asText(value []byte) string {
	return unsafe.String(unsafe.SliceData(value), len(value))
}

//go:wasmimport wodehost:plugin/host@0.1.0 name
func hostName(unsafe.Pointer)

//go:wasmimport wodehost:plugin/host@0.1.0 config
func hostConfig(unsafe.Pointer)

//go:wasmimport wodehost:plugin/host@0.1.0 env
func hostEnv(name string, answer unsafe.Pointer)

// HostName is host.name.
func HostName() string { return text(hostName) }

// HostConfig is host.config.
func HostConfig() []byte { return value(hostConfig) }

// HostEnv is host.env.
func HostEnv(name string) (string, bool) {
	borrow()
	defer giveBack()
	hostEnv(name, answerAt())
	if uint8(answer[0]) == 0 {
		return "", false
	}
	return span{answer[1], answer[2]}.text(), true
}

//go:wasmimport wodehost:plugin/log@0.1.0 write
func logWrite(level uint32, message string)

// LogWrite is log.write.
func LogWrite(level uint32, message string) { logWrite(level, message) }

//go:wasmimport wodehost:plugin/clock@0.1.0 sleep
func clockSleep(ms uint64)

//go:wasmimport wodehost:plugin/clock@0.1.0 now-ms
func clockNow() uint64

// ClockSleep is clock.sleep.
func ClockSleep(ms uint64) { clockSleep(ms) }

// ClockNow is clock.now-ms.
func ClockNow() uint64 { return clockNow() }

//go:wasmimport wodehost:plugin/random@0.1.0 bytes
func randomBytes(n uint32, answer unsafe.Pointer)

// RandomBytes is random.bytes.
func RandomBytes(n uint32) []byte {
	return value(func(answer unsafe.Pointer) { randomBytes(n, answer) })
}

//go:wasmimport wodehost:plugin/task@0.1.0 id
func taskID(unsafe.Pointer)

//go:wasmimport wodehost:plugin/task@0.1.0 group
func taskGroup(unsafe.Pointer)

//go:wasmimport wodehost:plugin/task@0.1.0 attempt
func taskAttempt() uint32

//go:wasmimport wodehost:plugin/task@0.1.0 retries-left
func taskRetriesLeft(unsafe.Pointer)

//go:wasmimport wodehost:plugin/task@0.1.0 set-name
func taskSetName(name string)

//go:wasmimport wodehost:plugin/task@0.1.0 data
func taskData(unsafe.Pointer)

//go:wasmimport wodehost:plugin/task@0.1.0 update-data
func taskUpdateData(value string, answer unsafe.Pointer)

//go:wasmimport wodehost:plugin/task@0.1.0 keepalive
func taskKeepalive()

//go:wasmimport wodehost:plugin/task@0.1.0 emit
func taskEmit(value string, answer unsafe.Pointer)

//go:wasmimport wodehost:plugin/task@0.1.0 success
func taskSuccess(some int32, value string)

//go:wasmimport wodehost:plugin/task@0.1.0 failure
func taskFailure(some int32, value string)

//go:wasmimport wodehost:plugin/task@0.1.0 restart
func taskRestart()

//go:wasmimport wodehost:plugin/task@0.1.0 stopping
func taskStopping() int32

// TaskID is task.id.
func TaskID() string { return text(taskID) }

// TaskGroup is task.group.
func TaskGroup() string { return text(taskGroup) }

// TaskAttempt is task.attempt.
func TaskAttempt() uint32 { return taskAttempt() }

// TaskRetriesLeft is task.retries-left.
func TaskRetriesLeft() (uint32, bool) {
	taskRetriesLeft(answerAt())
	return answer[1], uint8(answer[0]) != 0
}

// TaskSetName is task.set-name.
func TaskSetName(name string) { taskSetName(name) }

// TaskData is task.data.
func TaskData() []byte { return value(taskData) }

// TaskUpdateData is task.update-data.
func TaskUpdateData(value []byte) (refused string, ok bool) {
	return taken(func(answer unsafe.Pointer) { taskUpdateData(asText(value), answer) })
}

// TaskKeepalive is task.keepalive.
func TaskKeepalive() { taskKeepalive() }

// TaskEmit is task.emit.
func TaskEmit(value []byte) (refused string, ok bool) {
	return taken(func(answer unsafe.Pointer) { taskEmit(asText(value), answer) })
}

// TaskSuccess is task.success; nil is none. It does not return.
func TaskSuccess(value []byte) { taskSuccess(flag(value != nil), asText(value)) }

// TaskFailure is task.failure; nil is none. It does not return.
func TaskFailure(value []byte) { taskFailure(flag(value != nil), asText(value)) }

// TaskRestart is task.restart. It does not return.
func TaskRestart() { taskRestart() }

// TaskStopping is task.stopping.
func TaskStopping() bool { return taskStopping() != 0 }

//go:wasmimport wodehost:plugin/board@0.1.0 say
func boardSay(text string)

//go:wasmimport wodehost:plugin/board@0.1.0 set-look
func boardSetLook(look uint32)

//go:wasmimport wodehost:plugin/board@0.1.0 pin
func boardPin(on int32)

//go:wasmimport wodehost:plugin/board@0.1.0 start
func boardStart(total uint64)

//go:wasmimport wodehost:plugin/board@0.1.0 tick
func boardTick(n uint64, answer unsafe.Pointer)

//go:wasmimport wodehost:plugin/board@0.1.0 complete
func boardComplete()

//go:wasmimport wodehost:plugin/board@0.1.0 clear
func boardClear()

// BoardSay is board.say.
func BoardSay(text string) { boardSay(text) }

// BoardSetLook is board.set-look.
func BoardSetLook(look uint32) { boardSetLook(look) }

// BoardPin is board.pin.
func BoardPin(on bool) { boardPin(flag(on)) }

// BoardStart is board.start.
func BoardStart(total uint64) { boardStart(total) }

// BoardTick is board.tick.
func BoardTick(n uint64) (refused string, ok bool) {
	return taken(func(answer unsafe.Pointer) { boardTick(n, answer) })
}

// BoardComplete is board.complete.
func BoardComplete() { boardComplete() }

// BoardClear is board.clear.
func BoardClear() { boardClear() }

//go:wasmimport wodehost:plugin/checkpoint@0.1.0 load
func checkpointLoad(unsafe.Pointer)

//go:wasmimport wodehost:plugin/checkpoint@0.1.0 save
func checkpointSave(value string, answer unsafe.Pointer)

// CheckpointLoad is checkpoint.load.
func CheckpointLoad() ([]byte, bool) {
	borrow()
	defer giveBack()
	checkpointLoad(answerAt())
	if uint8(answer[0]) == 0 {
		return nil, false
	}
	return span{answer[1], answer[2]}.bytes(), true
}

// CheckpointSave is checkpoint.save.
func CheckpointSave(value []byte) (refused string, ok bool) {
	return taken(func(answer unsafe.Pointer) { checkpointSave(asText(value), answer) })
}

//go:wasmimport wodehost:plugin/jobs@0.1.0 submit
func jobsSubmit(
	worker string, args, argsLen uint32, some int32, options string,
	within int32, timeoutMs uint64, answer unsafe.Pointer,
)

//go:wasmimport wodehost:plugin/jobs@0.1.0 wait-any
func jobsWaitAny(jobs unsafe.Pointer, count uint32, within int32, timeoutMs uint64, answer unsafe.Pointer)

//go:wasmimport wodehost:plugin/jobs@0.1.0 [method]job.id
func jobID(job uint32, answer unsafe.Pointer)

//go:wasmimport wodehost:plugin/jobs@0.1.0 [method]job.done
func jobDone(job uint32) int32

//go:wasmimport wodehost:plugin/jobs@0.1.0 [method]job.wait
func jobWait(job uint32, within int32, timeoutMs uint64, answer unsafe.Pointer)

//go:wasmimport wodehost:plugin/jobs@0.1.0 [method]job.cancel
func jobCancel(job uint32, within int32, graceMs uint64)

//go:wasmimport wodehost:plugin/jobs@0.1.0 [method]job.pause
func jobPause(job uint32)

//go:wasmimport wodehost:plugin/jobs@0.1.0 [method]job.resume
func jobResume(job uint32)

//go:wasmimport wodehost:plugin/jobs@0.1.0 [resource-drop]job
func jobDrop(job uint32)

// JobsSubmit is jobs.submit.
func JobsSubmit(what Dispatch, timeoutMs *uint64) (uint32, *Refusal) {
	borrow()
	defer giveBack()
	hold := &kept{}
	args := hold.spans(what.Args)
	within, ms := optional(timeoutMs)
	some := flag(what.Options != nil)
	jobsSubmit(what.Worker, args.ptr, args.len, some, asText(what.Options), within, ms, answerAt())
	runtime.KeepAlive(hold)
	got := answer
	if uint8(got[0]) == 0 {
		return got[1], nil
	}
	refusal := &Refusal{Case: uint8(got[1])}
	if withText := refusal.Case != 0 && refusal.Case != 3; withText {
		refusal.Text = span{got[2], got[3]}.text()
	}
	return 0, refusal
}

// JobsWaitAny is jobs.wait-any.
func JobsWaitAny(jobs []uint32, timeoutMs *uint64) (uint32, bool) {
	within, ms := optional(timeoutMs)
	jobsWaitAny(unsafe.Pointer(unsafe.SliceData(jobs)), uint32(len(jobs)), within, ms, answerAt())
	return answer[1], uint8(answer[0]) != 0
}

// JobID is job.id.
func JobID(job uint32) string {
	return text(func(answer unsafe.Pointer) { jobID(job, answer) })
}

// JobDone is job.done.
func JobDone(job uint32) bool { return jobDone(job) != 0 }

// JobWait is job.wait.
func JobWait(job uint32, timeoutMs *uint64) (Outcome, bool) {
	borrow()
	defer giveBack()
	within, ms := optional(timeoutMs)
	jobWait(job, within, ms, answerAt())
	if uint8(answer[0]) == 0 {
		return Outcome{}, false
	}
	return outcome([15]uint32(answer[1:])), true
}

// JobCancel is job.cancel.
func JobCancel(job uint32, graceMs *uint64) {
	within, ms := optional(graceMs)
	jobCancel(job, within, ms)
}

// JobPause is job.pause.
func JobPause(job uint32) { jobPause(job) }

// JobResume is job.resume.
func JobResume(job uint32) { jobResume(job) }

// JobDrop gives the handle of a job back; the job goes on.
func JobDrop(job uint32) { jobDrop(job) }

// outcome reads the contract's record of that name, copied out of memory before
// anything else runs.
func outcome(words [15]uint32) Outcome {
	read := Outcome{
		ID:       span{words[0], words[1]}.text(),
		Worker:   span{words[2], words[3]}.text(),
		Status:   uint8(words[4]),
		Reason:   span{words[5], words[6]}.text(),
		Data:     span{words[7], words[8]}.bytes(),
		Attempts: words[9],
		More:     span{words[13], words[14]}.bytes(),
	}
	if uint8(words[10]) != 0 {
		message := span{words[11], words[12]}.text()
		read.Message = &message
	}
	return read
}
