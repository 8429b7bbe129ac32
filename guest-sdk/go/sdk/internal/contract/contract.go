// Package contract is the contract between host and plugin in Go types: a
// function for each one that a plugin may import.
//
// Inside a plugin the functions are the host's own, over the canonical ABI, and
// what the packages of the roles need to export theirs is here, too. Natively they
// go to [Current], which a test sets.
//
// Values are MessagePack; nothing here looks into them.
package contract

// Dispatch is one job to be done.
type Dispatch struct {
	Worker string
	Args   [][]byte
	// Options is nil when there are none.
	Options []byte
}

// Outcome is what a finished job leaves.
type Outcome struct {
	ID       string
	Worker   string
	Status   uint8
	Reason   string
	Data     []byte
	Attempts uint32
	// Message is nil when there is none.
	Message *string
	More    []byte
}

// Refusal says why a submit did not give a job: the index of the case in the
// contract's submit-error, and its text where the case has one.
type Refusal struct {
	Case uint8
	Text string
}
