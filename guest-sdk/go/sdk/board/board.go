// Package board is the plugin's own line on the status board. Where no board is shown
// the calls do nothing.
package board

import (
	"errors"

	"wodehost/internal/contract"
)

// Look is how the line looks; never by colour alone.
type Look uint32

// The values of [Look].
const (
	Normal Look = iota
	Success
	Warning
	Error
)

// Say sets the line's text.
func Say(text string) { contract.BoardSay(text) }

// SetLook sets the line's look.
func SetLook(look Look) { contract.BoardSetLook(uint32(look)) }

// Pin keeps the line in view when it is done.
func Pin(on bool) { contract.BoardPin(on) }

// Start starts a progress bar that is full at total.
func Start(total uint64) { contract.BoardStart(total) }

// Tick moves the progress bar by n. An error before [Start].
func Tick(n uint64) error {
	if refused, taken := contract.BoardTick(n); !taken {
		return errors.New(refused)
	}
	return nil
}

// Complete fills the progress bar.
func Complete() { contract.BoardComplete() }

// Clear takes text and progress bar away.
func Clear() { contract.BoardClear() }
