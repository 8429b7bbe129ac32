// Package worker makes a plugin a worker: it does one job, in a fresh sandbox each
// time.
package worker

import (
	"reflect"

	"wodehost"
	"wodehost/internal/role"
)

// Run registers what does the job. It is to be called in main, once.
//
// The job is read as an A; one that does not fit is a failure with the code
// bad-argument. A job of several arguments is an array: let A be a struct with the
// field
//
//	_ struct{} `msgpack:",as_array"`
//
// which takes its fields in their order. When A is struct{} the job is not looked at.
//
// The error becomes the job's failure value, as [wodehost.FailureOf] says, and so
// does a panic.
func Run[A, R any](f func(A) (R, error)) {
	role.Run = func(job []byte) (result, problem []byte) {
		problem = wodehost.Catch(func() error {
			argument, err := argument[A](job)
			if err != nil {
				return err
			}
			given, err := f(argument)
			if err != nil {
				return err
			}
			result, err = wodehost.Encode(given)
			return err
		})
		return result, problem
	}
}

func argument[A any](job wodehost.Raw) (A, error) {
	if reflect.TypeFor[A]() == reflect.TypeFor[struct{}]() {
		var unread A
		return unread, nil
	}
	return wodehost.DecodeAs[A](wodehost.BadArgument, job)
}

// SetUp registers what is called before the job is done, in the same sandbox. Its
// error ends the attempt as one of the job would.
func SetUp(f func() error) {
	role.SetUp = func() []byte { return wodehost.Catch(f) }
}
