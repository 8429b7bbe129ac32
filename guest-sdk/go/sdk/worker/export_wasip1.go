package worker

import (
	"errors"
	"unsafe"

	"wodehost"
	"wodehost/internal/contract"
	"wodehost/internal/role"
)

//go:wasmexport run
func exportRun(job unsafe.Pointer, size uint32) unsafe.Pointer {
	given := contract.Value(job, size)
	if problem := wodehost.Catch(register); problem != nil {
		return contract.Result(nil, problem)
	}
	return contract.Result(role.Run(given))
}

//go:wasmexport set-up
func exportSetUp() unsafe.Pointer {
	problem := wodehost.Catch(register)
	if problem == nil && role.SetUp != nil {
		problem = role.SetUp()
	}
	return contract.Result(nil, problem)
}

func register() error {
	contract.Register()
	if role.Run == nil {
		return errors.New("this worker does nothing: its main does not call worker.Run")
	}
	return nil
}
