// Package log writes lines for the people who run the job. The host adds job, attempt
// and plugin.
package log

import (
	"fmt"

	"wodehost/internal/contract"
)

// The levels, as the contract counts them.
const (
	levelError = iota
	levelWarn
	levelInfo
	levelDebug
)

// Error writes a line that says what went wrong.
func Error(text string) { contract.LogWrite(levelError, text) }

// Warn writes a line that somebody should look at.
func Warn(text string) { contract.LogWrite(levelWarn, text) }

// Info writes a line.
func Info(text string) { contract.LogWrite(levelInfo, text) }

// Debug writes a line that is mostly not shown.
func Debug(text string) { contract.LogWrite(levelDebug, text) }

// Errorf is [Error] with a text made as by fmt.Sprintf.
func Errorf(format string, args ...any) { Error(fmt.Sprintf(format, args...)) }

// Warnf is [Warn] with a text made as by fmt.Sprintf.
func Warnf(format string, args ...any) { Warn(fmt.Sprintf(format, args...)) }

// Infof is [Info] with a text made as by fmt.Sprintf.
func Infof(format string, args ...any) { Info(fmt.Sprintf(format, args...)) }

// Debugf is [Debug] with a text made as by fmt.Sprintf.
func Debugf(format string, args ...any) { Debug(fmt.Sprintf(format, args...)) }
