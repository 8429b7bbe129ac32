package contract

import "unsafe"

// A component has no start of its own: the host calls what it exports, and Go's
// main is never run. So the first export runs it, for what it registers.

//go:linkname mainMain main.main
func mainMain()

var registered bool

// Register runs main, once.
func Register() {
	if !registered {
		registered = true
		mainMain()
	}
}

// Value copies an argument of an exported function.
func Value(at unsafe.Pointer, size uint32) []byte {
	borrow()
	defer giveBack()
	return span{uint32(uintptr(at)), size}.bytes()
}

// Text copies an argument of an exported function.
func Text(at unsafe.Pointer, size uint32) string {
	borrow()
	defer giveBack()
	return span{uint32(uintptr(at)), size}.text()
}

// Arguments is what `consume` takes, too much for parameters of its own.
func Arguments(at unsafe.Pointer) (job []byte, ended Outcome) {
	borrow()
	defer giveBack()
	words := (*[17]uint32)(at)
	return span{words[0], words[1]}.bytes(), outcome([15]uint32(words[2:]))
}

// What an exported function answers lies here until the next one is called, and
// what it points to is held so long.
var (
	result [9]uint32
	wait   struct {
		some uint64
		ms   uint64
	}
	held kept
)

// Result answers result<value, value>; a problem that is nil is none.
func Result(value, problem []byte) unsafe.Pointer {
	held = kept{}
	if problem != nil {
		value = problem
	}
	at := held.bytes(value)
	result = [9]uint32{uint32(flag(problem != nil)), at.ptr, at.len}
	return unsafe.Pointer(&result)
}

// Next answers result<option<dispatch>, value>.
func Next(next *Dispatch, problem []byte) unsafe.Pointer {
	if problem != nil {
		return Result(nil, problem)
	}
	held = kept{}
	result = [9]uint32{}
	if next != nil {
		worker, args, options := held.text(next.Worker), held.spans(next.Args), held.bytes(next.Options)
		result = [9]uint32{
			0, 1, worker.ptr, worker.len, args.ptr, args.len,
			uint32(flag(next.Options != nil)), options.ptr, options.len,
		}
	}
	return unsafe.Pointer(&result)
}

// Wait answers option<u64>.
func Wait(ms uint64, some bool) unsafe.Pointer {
	wait.some, wait.ms = uint64(flag(some)), ms
	return unsafe.Pointer(&wait)
}
