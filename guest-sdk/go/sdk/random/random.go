// Package random gives random bytes of the host's. The packages crypto/rand and
// math/rand work, too, with a seed of their own in each sandbox.
package random

import "wodehost/internal/contract"

// Bytes gives n bytes from a cryptographic generator; more than 65,536 at once end the
// attempt.
func Bytes(n int) []byte { return contract.RandomBytes(uint32(n)) }

// Seed is what a generator of one's own is made from, such as rand.NewChaCha8.
func Seed() [32]byte { return [32]byte(Bytes(32)) }
