package wodehost

import (
	"errors"
	"fmt"
	"strconv"
)

// misfit says what does not fit, and where in the value that is.
type misfit struct {
	// steps lead to it, the innermost first.
	steps []string
	what  string
}

// longPath is the number of steps beyond which the middle of a path is left out.
const longPath = 12

func (m *misfit) Error() string {
	if len(m.steps) == 0 {
		return m.what
	}
	path := "at "
	for i := range m.steps {
		left := len(m.steps) - i
		if len(m.steps) > longPath && i == longPath/2 {
			path += "…"
		}
		if len(m.steps) > longPath && i >= longPath/2 && left > longPath/2 {
			continue
		}
		step := m.steps[left-1]
		if i == 0 && step[0] == '.' {
			step = step[1:]
		}
		path += step
	}
	return path + ": " + m.what
}

// under leads from an element, by the step to it, to the value that has it.
func under(step string, err error) error {
	var found *misfit
	if !errors.As(err, &found) {
		found = &misfit{what: err.Error()}
	}
	found.steps = append(found.steps, step)
	return found
}

func atIndex(i int, err error) error         { return under("["+strconv.Itoa(i)+"]", err) }
func atField(name string, err error) error   { return under("."+name, err) }
func unfit(format string, args ...any) error { return &misfit{what: fmt.Sprintf(format, args...)} }

// atKey leads to what stands under a key of a map, whatever the key is.
func atKey(key any, err error) error {
	if text, ok := key.(string); ok {
		return atField(text, err)
	}
	return under(fmt.Sprintf("[%v]", key), err)
}
