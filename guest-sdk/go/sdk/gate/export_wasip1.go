package gate

import (
	"time"
	"unsafe"

	"wodehost/internal/contract"
	"wodehost/internal/role"
)

// The contract has no place for an error of a gate: a panic that nobody catches tells
// it on stderr and ends the sandbox.
//
//go:wasmexport admit
func exportAdmit() unsafe.Pointer {
	contract.Register()
	if role.Admit == nil {
		panic("this gate does nothing: its main does not call gate.Run")
	}
	wait, err := role.Admit()
	if err != nil {
		panic(err)
	}
	if wait <= 0 {
		return contract.Wait(0, false)
	}
	// Rounded up: none of the wait is lost, and it is never nothing.
	return contract.Wait(uint64((wait+time.Millisecond-1)/time.Millisecond), true)
}
