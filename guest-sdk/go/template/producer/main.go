// {{name}} has three guests greeted, by the worker that the configuration names.
package main

import (
	"cmp"

	"wodehost"
	"wodehost/host"
	"wodehost/producer"
)

func main() { producer.Run(guests) }

func guests(yield func(wodehost.Dispatch)) error {
	config, err := host.Config[map[string]string]()
	if err != nil {
		return err
	}
	for _, name := range []string{"Ada", "Grace", "Linus"} {
		yield(wodehost.To(cmp.Or(config["worker"], "hello"), map[string]string{"name": name}))
	}
	return nil
}
