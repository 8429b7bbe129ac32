package wodehost

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Codes of the SDK itself.
const (
	// BadArgument is an argument that is not what the worker takes.
	BadArgument = "bad-argument"
	// BadConfig is a configuration that is not what the plugin takes.
	BadConfig = "bad-config"
	// BadValue is another value that cannot be read or written.
	BadValue = "bad-value"
	// NotTaken is a state, checkpoint or emitted value that the host refused.
	NotTaken = "not-taken"
)

// Failure is an error with what becomes of it for others: the failure value, which
// the consumer and the caller of the job read.
//
// Every other error becomes one at the end, see [FailureOf].
type Failure struct {
	// Code is stable and for programs; empty when there is none.
	Code string
	// Message is for people.
	Message string

	causes []error
	value  Raw
	stack  stack
}

// Failf is a failure with a code for programs and a text for people, made as by
// fmt.Errorf: %w wraps an error, which becomes one of the causes.
func Failf(code, format string, args ...any) error {
	made := fmt.Errorf(format, args...)
	return &Failure{Code: code, Message: made.Error(), causes: wrappedBy(made), stack: callers(1)}
}

// FailWith is a failure whose failure value is exactly this one. When it cannot be
// written the failure says so instead.
func FailWith(value any) error {
	raw, err := Encode(value)
	if err != nil {
		return err
	}
	return &Failure{Message: fmt.Sprintf("a failure value (%T)", value), value: raw, stack: callers(1)}
}

func (f *Failure) Error() string { return f.Message }

// Unwrap gives the errors that it was made of, for errors.Is and errors.As.
func (f *Failure) Unwrap() []error { return f.causes }

// FailureCode is the code, as [FailureOf] asks for it.
func (f *Failure) FailureCode() string { return f.Code }

// problem is a failure of the SDK's own.
func problem(code string, cause error) error {
	return &Failure{Code: code, Message: cause.Error(), stack: callers(2)}
}

// FailureOf gives the failure value of an error. One that [FailWith] made has its
// own. Of any other it is a map:
//
//	message  its text
//	code     where it or an error that it wraps has one: a [Failure], what
//	         package jobs gives, or any error with a method FailureCode() string
//	type     the name of its type, unless that is one of errors, fmt or this package
//	causes   the texts of the errors that it wraps, where there are any
//	trace    the stack where the first Failure in the chain was made
//
// The packages of the roles do this with what a plugin's functions return.
func FailureOf(err error) Raw {
	var failure *Failure
	if errors.As(err, &failure) && failure == err && failure.value != nil {
		return failure.value
	}
	found := report{Message: err.Error(), Type: typeOf(err), Causes: causes(err)}
	var coded interface{ FailureCode() string }
	if errors.As(err, &coded) {
		found.Code = coded.FailureCode()
	}
	if failure != nil {
		found.Trace = failure.stack.String()
	}
	return found.encode()
}

// report is a failure value.
type report struct {
	Code    string   `msgpack:"code,omitempty"`
	Message string   `msgpack:"message"`
	Type    string   `msgpack:"type,omitempty"`
	Causes  []string `msgpack:"causes,omitempty"`
	Trace   string   `msgpack:"trace,omitempty"`
}

func (r report) encode() Raw {
	for _, text := range []*string{&r.Code, &r.Message, &r.Type, &r.Trace} {
		*text = strings.ToValidUTF8(*text, "\ufffd")
	}
	for i := range r.Causes {
		r.Causes[i] = strings.ToValidUTF8(r.Causes[i], "\ufffd")
	}
	raw, err := Encode(r)
	if err != nil {
		// Texts always encode. An empty value is nil to the host.
		return Raw{}
	}
	return raw
}

// typeOf names an error's type where that says something.
func typeOf(err error) string {
	named := reflect.TypeOf(err)
	if named.Kind() == reflect.Pointer {
		named = named.Elem()
	}
	switch named.PkgPath() {
	case "errors", "fmt", "wodehost":
		return ""
	}
	return reflect.TypeOf(err).String()
}

// causes are the texts of all errors that this one wraps, the outermost first.
func causes(err error) []string {
	var texts []string
	for _, cause := range wrappedBy(err) {
		texts = append(append(texts, cause.Error()), causes(cause)...)
	}
	return texts
}

func wrappedBy(err error) []error {
	switch wrapping := err.(type) {
	case interface{ Unwrap() error }:
		if cause := wrapping.Unwrap(); cause != nil {
			return []error{cause}
		}
	case interface{ Unwrap() []error }:
		return wrapping.Unwrap()
	}
	return nil
}

// Catch is for the packages of the roles: it calls f and makes the failure value of
// the error that f returns, or of its panic. Nil is success.
func Catch(f func() error) (failure Raw) {
	defer func() {
		if thrown := recover(); thrown != nil {
			failure = panicked(thrown)
		}
	}()
	if err := f(); err != nil {
		return FailureOf(err)
	}
	return nil
}

// panicked is called in a deferred function, where the stack of the panic is still
// there.
func panicked(thrown any) Raw {
	if err, ok := thrown.(*Failure); ok && err.value != nil {
		return err.value
	}
	found := report{Type: "panic", Trace: callers(2).String()}
	if err, ok := thrown.(error); ok {
		found.Message, found.Causes = err.Error(), causes(err)
		if named := typeOf(err); named != "" {
			found.Type = named
		}
		var coded interface{ FailureCode() string }
		if errors.As(err, &coded) {
			found.Code = coded.FailureCode()
		}
	} else {
		found.Message = fmt.Sprint(thrown)
	}
	return found.encode()
}
