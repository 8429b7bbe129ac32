// Package task is the attempt that is running: in workers.
//
// Signs of life are Keepalive, Update, and what ends the attempt: each starts the
// keepalive anew and refills the fuel.
package task

import (
	"wodehost"
	"wodehost/internal/contract"
)

// ID is the job's id.
func ID() string { return contract.TaskID() }

// Group is the group that the job belongs to; empty when it belongs to none.
func Group() string { return contract.TaskGroup() }

// Attempt is which attempt this is, from 1.
func Attempt() int { return int(contract.TaskAttempt()) }

// RetriesLeft is how many restarts are left; ok is false when there is no end of them.
func RetriesLeft() (left int, ok bool) {
	some, ok := contract.TaskRetriesLeft()
	return int(some), ok
}

// SetName changes the process-name, as logs and board show it.
func SetName(name string) { contract.TaskSetName(name) }

// Data is the carried state: what the latest Update said, in this attempt or an
// earlier one. An empty map at first.
func Data[T any]() (T, error) { return wodehost.Decode[T](contract.TaskData()) }

// Update replaces the carried state at once; it survives a trap right behind it. A
// value that the host does not take is a failure with the code not-taken.
func Update(state any) error {
	return give(state, contract.TaskUpdateData)
}

// Keepalive is a sign of life, nothing else.
func Keepalive() { contract.TaskKeepalive() }

// Emit sends a value to whoever listens, and to the consumer before the outcome. A
// value that the host does not take is a failure with the code not-taken.
func Emit(value any) error {
	return give(value, contract.TaskEmit)
}

// Success ends the attempt here, with this result. It does not return, and deferred
// functions are not called.
func Success(result any) { end(result, contract.TaskSuccess) }

// SuccessWithState is [Success] with the carried state as the result.
func SuccessWithState() { contract.TaskSuccess(nil) }

// Failure ends the attempt here and finally, with this failure value: the job is not
// restarted. It does not return, and deferred functions are not called.
func Failure(value any) { end(value, contract.TaskFailure) }

// FailureWithState is [Failure] with the carried state as the failure value.
func FailureWithState() { contract.TaskFailure(nil) }

// Restart ends the attempt here and asks for another with the latest carried state. It
// does not return. It uses up a restart.
func Restart() { contract.TaskRestart() }

// Stopping is true while the grace of a shutdown or of a cancel is running: finish
// soon.
func Stopping() bool { return contract.TaskStopping() }

func give(value any, take func([]byte) (string, bool)) error {
	raw, err := wodehost.Encode(value)
	if err != nil {
		return err
	}
	if refused, taken := take(raw); !taken {
		return wodehost.Failf(wodehost.NotTaken, "%s", refused)
	}
	return nil
}

// end panics with what cannot be written, which ends the attempt as a failure.
func end(value any, with func([]byte)) {
	raw, err := wodehost.Encode(value)
	if err != nil {
		panic(err)
	}
	with(raw)
}
