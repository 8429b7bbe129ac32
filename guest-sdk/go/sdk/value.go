package wodehost

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/vmihailenco/msgpack/v5"
)

// Raw is a MessagePack value as it is. It stands for any value, wherever one is
// read or written: it is neither looked at nor changed on the way.
//
// An empty Raw is written as nil.
type Raw []byte

// Map is a map whose keys are of any kind and keep their order: what a map is read
// as where the wanted type is any. Written, it is a map again.
type Map []Pair

// Pair is a key with its value.
type Pair struct {
	Key, Value any
}

// Get gives the value of a key that is a text.
func (m Map) Get(key string) (value any, ok bool) {
	for _, pair := range m {
		if pair.Key == any(key) {
			return pair.Value, true
		}
	}
	return nil, false
}

// String prints it as Go prints its own maps.
func (m Map) String() string {
	var text strings.Builder
	text.WriteString("map[")
	for i, pair := range m {
		if i > 0 {
			text.WriteByte(' ')
		}
		fmt.Fprint(&text, pair.Key, ":", pair.Value)
	}
	return text.String() + "]"
}

// Ext is a value of one of MessagePack's extension types. Those of type -1 are
// timestamps and read as time.Time.
type Ext struct {
	Type int8
	Data []byte
}

// Encode writes a value as MessagePack. What has no such form is a [Failure] with
// the code bad-value, which says where it is.
//
// A Raw is given back as it is, and shares its memory.
func Encode(value any) (Raw, error) {
	if raw, ok := value.(Raw); ok && len(raw) > 0 {
		return raw, nil
	}
	var written bytes.Buffer
	w := writer{out: msgpack.NewEncoder(&written), buffer: &written}
	if err := w.any(value, 0); err != nil {
		return nil, problem(BadValue, err)
	}
	return written.Bytes(), nil
}

// Decode reads a value as a T. What does not fit is a [Failure] with the code
// bad-value, which says where it is. What is a Raw in T shares its memory with
// value.
func Decode[T any](value Raw) (T, error) {
	return DecodeAs[T](BadValue, value)
}

// DecodeAs is [Decode] with a code of its own.
func DecodeAs[T any](code string, value Raw) (T, error) {
	var into T
	if err := read(value, &into); err != nil {
		var zero T
		return zero, problem(code, err)
	}
	return into, nil
}
