// {{name}} logs each outcome, and at the end how many there were.
package main

import (
	"wodehost"
	"wodehost/consumer"
	"wodehost/log"
)

var count int

func main() {
	consumer.Run(take)
	consumer.Finish(sum)
}

func take(job any, outcome wodehost.Outcome) error {
	count++
	log.Infof("%v: %s (%s)", job, outcome.Status, outcome.Reason)
	return nil
}

func sum() error {
	log.Infof("%d outcomes", count)
	return nil
}
