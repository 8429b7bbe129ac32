package tests

import (
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"testing"

	"wodehost"
	"wodehost/jobs"
)

// told is a failure value as a consumer reads it.
type told struct {
	Code    string   `msgpack:"code"`
	Message string   `msgpack:"message,required"`
	Type    string   `msgpack:"type"`
	Causes  []string `msgpack:"causes"`
	Trace   string   `msgpack:"trace"`
}

func read(t *testing.T, failure wodehost.Raw) told {
	t.Helper()
	value, err := wodehost.Decode[told](failure)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestAnErrorBecomesAFailureValue(t *testing.T) {
	inner := errors.New("inner")
	missing := &fs.PathError{Op: "open", Path: "/x", Err: inner}
	cases := []struct {
		err    error
		wanted told
	}{
		{inner, told{Message: "inner"}},
		{fmt.Errorf("outer: %w", inner), told{Message: "outer: inner", Causes: []string{"inner"}}},
		{missing, told{Message: "open /x: inner", Type: "*fs.PathError", Causes: []string{"inner"}}},
		{errors.Join(inner, missing), told{
			Message: "inner\nopen /x: inner", Causes: []string{"inner", "open /x: inner", "inner"},
		}},
		{&jobs.SubmitError{Refusal: jobs.Limit, Text: "depth"}, told{
			Code: "limit", Message: "the job was not submitted: limit: depth", Type: "*jobs.SubmitError",
		}},
	}
	for _, c := range cases {
		if got := read(t, wodehost.FailureOf(c.err)); !reflect.DeepEqual(got, c.wanted) {
			t.Errorf("got %+v, wanted %+v", got, c.wanted)
		}
	}
}

func fail(cause error) error { return wodehost.Failf("no-stock", "only %d left: %w", 3, cause) }

func TestAFailureHasACodeItsCausesAndWhereItWasMade(t *testing.T) {
	inner := errors.New("inner")
	for _, err := range []error{fail(inner), fmt.Errorf("shop: %w", fail(inner))} {
		got := read(t, wodehost.FailureOf(err))
		if got.Code != "no-stock" || got.Type != "" || got.Causes[len(got.Causes)-1] != "inner" {
			t.Errorf("%+v", got)
		}
		if !strings.HasPrefix(got.Trace, "sdktests.fail\n\t") {
			t.Errorf("trace %s", got.Trace)
		}
		if !errors.Is(err, inner) {
			t.Error("the cause is not found")
		}
	}
}

func TestAFailureCanBeAnyValue(t *testing.T) {
	same(t, wodehost.FailureOf(wodehost.FailWith([]int{1})), vector(t, "9101"))
	got := read(t, wodehost.FailureOf(wodehost.FailWith(func() {})))
	if got.Code != wodehost.BadValue {
		t.Errorf("%+v", got)
	}
	wrapped := read(t, wodehost.FailureOf(fmt.Errorf("more: %w", wodehost.FailWith(1))))
	if wrapped.Message != "more: a failure value (int)" {
		t.Errorf("%+v", wrapped)
	}
}

func deep(thrown any) { panic(thrown) }

func TestAPanicBecomesAFailureValueWithItsStack(t *testing.T) {
	cases := []struct {
		thrown  func()
		message string
		kind    string
	}{
		{func() { deep("text") }, "text", "panic"},
		{func() { deep(fmt.Errorf("outer: %w", errors.New("inner"))) }, "outer: inner", "panic"},
		{func() { deep(&fs.PathError{Op: "open", Path: "/x", Err: errors.New("inner")}) }, "open /x: inner", "*fs.PathError"},
		{func() { deep(fail(errors.New("inner"))) }, "only 3 left: inner", "panic"},
	}
	for _, c := range cases {
		got := read(t, wodehost.Catch(func() error { c.thrown(); return nil }))
		if got.Message != c.message || got.Type != c.kind || !strings.HasPrefix(got.Trace, "sdktests.deep\n\t") {
			t.Errorf("%+v", got)
		}
		if strings.Contains(c.message, "inner") && got.Causes[len(got.Causes)-1] != "inner" {
			t.Errorf("causes %v", got.Causes)
		}
	}
	same(t, wodehost.Catch(func() error { panic(wodehost.FailWith(5)) }), vector(t, "05"))
}

func TestAFaultOfTheLanguageIsNamed(t *testing.T) {
	var none []int
	got := read(t, wodehost.Catch(func() error { none[5] = 1; return nil }))
	if !strings.Contains(got.Message, "index out of range [5]") || got.Type != "runtime.boundsError" {
		t.Errorf("%+v", got)
	}
	if !strings.HasPrefix(got.Trace, "sdktests.TestAFaultOfTheLanguageIsNamed") {
		t.Error(got.Trace)
	}
}

func TestNoErrorIsNoFailure(t *testing.T) {
	if failure := wodehost.Catch(func() error { return nil }); failure != nil {
		t.Errorf("%x", failure)
	}
}

func TestATextThatIsNotUTF8CanBeToldAllTheSame(t *testing.T) {
	got := read(t, wodehost.FailureOf(errors.New("a\xffb")))
	if got.Message != "a\ufffdb" {
		t.Errorf("%q", got.Message)
	}
}
