package wodehost

import (
	"fmt"
	"runtime"
	"strings"
)

// stack is where something happened, the innermost call first.
type stack []uintptr

// callers is the stack of the caller, without the innermost skip calls.
func callers(skip int) stack {
	const deepestTold = 64
	places := make([]uintptr, deepestTold)
	return places[:runtime.Callers(skip+2, places)]
}

// String tells the stack as Go does, without the runtime at its inner end and the
// SDK at its outer one.
func (s stack) String() string {
	var calls []runtime.Frame
	for frames, more := runtime.CallersFrames(s), len(s) > 0; more; {
		var call runtime.Frame
		call, more = frames.Next()
		isRuntime := strings.HasPrefix(call.Function, "runtime.")
		if isRuntime && len(calls) == 0 {
			continue
		}
		calls = append(calls, call)
	}
	for len(calls) > 1 && isOuter(calls[len(calls)-1].Function) {
		calls = calls[:len(calls)-1]
	}
	var told strings.Builder
	for _, call := range calls {
		fmt.Fprintf(&told, "%s\n\t%s:%d\n", call.Function, call.File, call.Line)
	}
	return strings.TrimSuffix(told.String(), "\n")
}

func isOuter(function string) bool {
	return strings.HasPrefix(function, "runtime.") || strings.HasPrefix(function, "wodehost") ||
		strings.HasPrefix(function, "iter.")
}
