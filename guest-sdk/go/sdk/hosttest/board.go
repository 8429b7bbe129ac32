//go:build !wasip1

package hosttest

import "fmt"

func (h imports) did(format string, args ...any) {
	h.Board = append(h.Board, fmt.Sprintf(format, args...))
}

func (h imports) BoardSay(text string) { h.did("say %s", text) }

func (h imports) BoardSetLook(look uint32) {
	h.did("look %s", [...]string{"normal", "success", "warning", "error"}[look])
}

func (h imports) BoardPin(on bool) { h.did("pin %t", on) }

func (h imports) BoardStart(total uint64) {
	h.started = true
	h.did("start %d", total)
}

func (h imports) BoardTick(n uint64) (string, bool) {
	if !h.started {
		return "`tick` before `start`", false
	}
	h.did("tick %d", n)
	return "", true
}

func (h imports) BoardComplete() { h.did("complete") }

func (h imports) BoardClear() {
	h.started = false
	h.did("clear")
}
