package producer

import (
	"errors"
	"unsafe"

	"wodehost"
	"wodehost/internal/contract"
	"wodehost/internal/role"
)

//go:wasmexport next
func exportNext() unsafe.Pointer {
	if problem := wodehost.Catch(register); problem != nil {
		return contract.Next(nil, problem)
	}
	return contract.Next(role.Next())
}

func register() error {
	contract.Register()
	if role.Next == nil {
		return errors.New("this producer does nothing: its main does not call producer.Run")
	}
	return nil
}
