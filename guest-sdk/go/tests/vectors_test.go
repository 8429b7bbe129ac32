package tests

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"os"
	"strconv"
	"strings"
	"testing"

	"wodehost"
)

// vectors reads the values that every plugin hands on.
func vectors(t testing.TB) map[string]wodehost.Raw {
	t.Helper()
	file, err := os.Open("../../vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	read := map[string]wodehost.Raw{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), ": ")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		read[name] = vector(t, value)
	}
	if err := lines.Err(); err != nil || len(read) < 100 {
		t.Fatalf("read %d vectors: %v", len(read), err)
	}
	return read
}

func vector(t testing.TB, text string) wodehost.Raw {
	t.Helper()
	var value wodehost.Raw
	for _, part := range strings.Fields(text) {
		digits, times, repeated := strings.Cut(part, "*")
		count := 1
		if repeated {
			var err error
			if count, err = strconv.Atoi(times); err != nil {
				t.Fatal(err)
			}
		}
		some, err := hex.DecodeString(digits)
		if err != nil {
			t.Fatal(err)
		}
		value = append(value, bytes.Repeat(some, count)...)
	}
	return value
}

// same fails where a value is not the wanted one byte for byte.
func same(t *testing.T, got, wanted wodehost.Raw) {
	t.Helper()
	if !bytes.Equal(got, wanted) {
		t.Errorf("got %s, wanted %s", start(got), start(wanted))
	}
}

func start(value wodehost.Raw) string { return hex.EncodeToString(value[:min(len(value), 60)]) }

func encoded(t *testing.T, value any) wodehost.Raw {
	t.Helper()
	raw, err := wodehost.Encode(value)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestEachVectorIsReadAndWrittenByteForByte(t *testing.T) {
	for name, value := range vectors(t) {
		t.Run(name, func(t *testing.T) {
			read, err := wodehost.Decode[any](value)
			if err != nil {
				t.Fatal(err)
			}
			same(t, encoded(t, read), value)
		})
	}
}

func TestEachVectorGoesThroughRawInAStruct(t *testing.T) {
	type envelope struct {
		Inside wodehost.Raw `msgpack:"inside"`
		After  int          `msgpack:"after"`
	}
	for name, value := range vectors(t) {
		t.Run(name, func(t *testing.T) {
			sent := encoded(t, envelope{value, 7})
			read, err := wodehost.Decode[envelope](sent)
			if err != nil || read.After != 7 {
				t.Fatal(read, err)
			}
			same(t, read.Inside, value)
		})
	}
}

func TestEachVectorThatIsCutIsAnErrorAndNoPanic(t *testing.T) {
	for name, value := range vectors(t) {
		for _, length := range []int{len(value) - 1, len(value) / 2, min(len(value)-1, 3)} {
			if length == 0 {
				continue // which is nil
			}
			if _, err := wodehost.Decode[any](value[:length]); err == nil {
				t.Errorf("%s: %d of %d bytes were a value", name, length, len(value))
			}
		}
		if _, err := wodehost.Decode[any](append(bytes.Clone(value), 0xc0)); err == nil {
			t.Errorf("%s: a byte too many was taken", name)
		}
	}
}
