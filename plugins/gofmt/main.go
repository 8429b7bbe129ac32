// gofmt formats Go source, which may be a whole file or a part of one, as the command of
// this name does: with go/format, go/parser and go/printer of Go's own library.
//
//	wodehost build plugins/gofmt
//	wodehost call plugins/gofmt/gofmt.wasm '{"source": "func  f( ) {x:=1}"}'
//
// The result is the source and whether it changed. Source that is not Go is a failure
// with the code syntax and the place of each error.
package main

import (
	"errors"
	"go/format"
	"go/scanner"

	"wodehost"
	"wodehost/worker"
)

type job struct {
	Source string `msgpack:"source,required"`
}

type formatted struct {
	Source  string `msgpack:"source"`
	Changed bool   `msgpack:"changed"`
}

type syntax struct {
	Code    string  `msgpack:"code"`
	Message string  `msgpack:"message"`
	Errors  []place `msgpack:"errors"`
}

type place struct {
	Line    int    `msgpack:"line"`
	Column  int    `msgpack:"column"`
	Message string `msgpack:"message"`
}

func main() { worker.Run(gofmt) }

func gofmt(job job) (formatted, error) {
	source, err := format.Source([]byte(job.Source))
	if err != nil {
		return formatted{}, failure(err)
	}
	return formatted{Source: string(source), Changed: string(source) != job.Source}, nil
}

func failure(err error) error {
	var found scanner.ErrorList
	if !errors.As(err, &found) {
		return err
	}
	told := syntax{Code: "syntax", Message: err.Error()}
	for _, each := range found {
		told.Errors = append(told.Errors, place{each.Pos.Line, each.Pos.Column, each.Msg})
	}
	return wodehost.FailWith(told)
}
