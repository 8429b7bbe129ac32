// Package checkpoint is what a producer or consumer needs to go on after a restart.
package checkpoint

import (
	"wodehost"
	"wodehost/internal/contract"
)

// Load reads what was saved last; ok is false at the very first start.
func Load[T any]() (saved T, ok bool, err error) {
	raw, ok := contract.CheckpointLoad()
	if !ok {
		return saved, false, nil
	}
	saved, err = wodehost.Decode[T](raw)
	return saved, true, err
}

// Save saves a value. It is committed together with the job that the producer yields
// next, or with the outcome that the consumer is taking. A value that the host does
// not take is a failure with the code not-taken.
func Save(value any) error {
	raw, err := wodehost.Encode(value)
	if err != nil {
		return err
	}
	if refused, taken := contract.CheckpointSave(raw); !taken {
		return wodehost.Failf(wodehost.NotTaken, "%s", refused)
	}
	return nil
}
