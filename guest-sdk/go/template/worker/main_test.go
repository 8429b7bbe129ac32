package main

import "testing"

func TestHello(t *testing.T) {
	if text, err := hello(guest{Name: "Ada"}); err != nil || text != "Hello, Ada!" {
		t.Error(text, err)
	}
}
