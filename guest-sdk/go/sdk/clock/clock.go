// Package clock is the host's clock, in milliseconds. The time package works, too.
package clock

import (
	"time"

	"wodehost/internal/contract"
)

// Sleep waits. The keepalive and the attempt's deadline go on meanwhile, and other
// goroutines do not.
func Sleep(wait time.Duration) {
	if wait > 0 {
		contract.ClockSleep(uint64((wait + time.Millisecond - 1) / time.Millisecond))
	}
}

// Now is the time of the host.
func Now() time.Time { return time.UnixMilli(int64(contract.ClockNow())).UTC() }
