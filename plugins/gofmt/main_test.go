package main

import (
	"testing"

	"wodehost"
)

func TestSourceIsFormatted(t *testing.T) {
	got, err := gofmt(job{Source: "package p\nfunc  f( ) {x:=1}"})
	wanted := formatted{Source: "package p\n\nfunc f() { x := 1 }\n", Changed: true}
	if err != nil || got != wanted {
		t.Errorf("%+v, %v", got, err)
	}
	if again, err := gofmt(job{Source: got.Source}); err != nil || again.Changed {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestAPartOfAFileIsFormattedToo(t *testing.T) {
	if got, err := gofmt(job{Source: "x:=[]int{1,2}"}); err != nil || got.Source != "x := []int{1, 2}" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWhatIsNotGoIsSaidWithItsPlaces(t *testing.T) {
	_, err := gofmt(job{Source: "package p\nfunc {"})
	if err == nil {
		t.Fatal("it was taken")
	}
	told, err := wodehost.Decode[syntax](wodehost.FailureOf(err))
	if err != nil || told.Code != "syntax" || len(told.Errors) == 0 || told.Errors[0].Line != 2 {
		t.Errorf("%+v, %v", told, err)
	}
}
