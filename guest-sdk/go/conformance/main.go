// Conformance answers what docs/conformance.md asks of a plugin: worker, producer and
// consumer in one component.
package main

import (
	"wodehost/consumer"
	"wodehost/producer"
	"wodehost/worker"
)

func main() {
	worker.SetUp(setUp)
	worker.Run(answer)
	producer.Run(produce)
	consumer.Run(consume)
	consumer.OnEmit(tellEmitted)
	consumer.Finish(finish)
}
