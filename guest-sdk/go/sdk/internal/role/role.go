// Package role holds what a plugin registered: the packages of the roles fill it, and
// their exports and hosttest call it.
//
// A problem is a failure value; nil is success.
package role

import (
	"time"

	"wodehost/internal/contract"
)

var (
	Run     func(job []byte) (result, problem []byte)
	SetUp   func() (problem []byte)
	Next    func() (next *contract.Dispatch, problem []byte)
	Consume func(job []byte, ended contract.Outcome) (problem []byte)
	OnEmit  func(jobID string, attempt uint32, seq uint64, value []byte) (problem []byte)
	Finish  func() (problem []byte)
	Admit   func() (wait time.Duration, err error)
)
