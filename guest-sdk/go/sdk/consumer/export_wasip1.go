package consumer

import (
	"errors"
	"unsafe"

	"wodehost"
	"wodehost/internal/contract"
	"wodehost/internal/role"
)

//go:wasmexport consume
func exportConsume(arguments unsafe.Pointer) unsafe.Pointer {
	job, ended := contract.Arguments(arguments)
	problem := wodehost.Catch(register)
	if problem == nil {
		problem = role.Consume(job, ended)
	}
	return contract.Result(nil, problem)
}

//go:wasmexport on-emit
func exportOnEmit(
	id unsafe.Pointer, idSize, attempt uint32, seq uint64, value unsafe.Pointer, valueSize uint32,
) unsafe.Pointer {
	jobID, emitted := contract.Text(id, idSize), contract.Value(value, valueSize)
	problem := wodehost.Catch(register)
	if problem == nil && role.OnEmit != nil {
		problem = role.OnEmit(jobID, attempt, seq, emitted)
	}
	return contract.Result(nil, problem)
}

//go:wasmexport finish
func exportFinish() unsafe.Pointer {
	problem := wodehost.Catch(register)
	if problem == nil && role.Finish != nil {
		problem = role.Finish()
	}
	return contract.Result(nil, problem)
}

func register() error {
	contract.Register()
	if role.Consume == nil {
		return errors.New("this consumer does nothing: its main does not call consumer.Run")
	}
	return nil
}
