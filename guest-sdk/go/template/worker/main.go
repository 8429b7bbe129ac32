// {{name}} greets a guest.
package main

import "wodehost/worker"

type guest struct {
	Name string `msgpack:"name,required"`
}

func main() { worker.Run(hello) }

func hello(who guest) (string, error) {
	return "Hello, " + who.Name + "!", nil
}
