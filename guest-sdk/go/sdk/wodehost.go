// Package wodehost is what all plugins for Wodehost share: values, failures, jobs to
// be done and their outcomes.
//
// What a plugin is, is said by the package that it registers its functions with:
// [wodehost/worker], [wodehost/producer], [wodehost/consumer] or [wodehost/gate]; a
// plugin may be several. What it says to the host is in [wodehost/task],
// [wodehost/jobs], [wodehost/log], [wodehost/board], [wodehost/host],
// [wodehost/checkpoint], [wodehost/clock] and [wodehost/random]; a plugin imports
// from its host what it calls and nothing else. [wodehost/hosttest] stands for the
// host in tests.
//
//	package main
//
//	import "wodehost/worker"
//
//	func main() { worker.Run(hello) }
//
//	func hello(name string) (string, error) {
//		return "Hello, " + name + "!", nil
//	}
package wodehost
