package tests

import (
	"errors"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"wodehost"
)

func TestValuesAreReadAsWhatGoHasForThem(t *testing.T) {
	cases := map[string]any{
		"c0": nil, "c3": true, "05": int64(5), "cfffffffffffffffff": uint64(math.MaxUint64),
		"ff": int64(-1), "cb3ff0000000000000": 1.0, "ca3fc00000": float32(1.5), "a161": "a",
		"c40161": []byte("a"), "9201a161": []any{int64(1), "a"},
		"82a16201a16102": pairs("b", int64(1), "a", int64(2)),
		"d40561":         wodehost.Ext{Type: 5, Data: []byte("a")},
		"d6ff00000001":   time.Unix(1, 0).UTC(),
	}
	for text, wanted := range cases {
		read, err := wodehost.Decode[any](vector(t, text))
		if err != nil || !reflect.DeepEqual(read, wanted) {
			t.Errorf("%s: got %#v, %v", text, read, err)
		}
	}
}

func TestTimestampsThatWouldBeWrittenAnewStayExtensions(t *testing.T) {
	for _, text := range []string{
		"d7ff0000000000000001",                               // 64 bits where 32 are enough
		"d7fffffffffc00000000",                               // more nanoseconds than a second has
		"c70cff000000000000000000000001", "c705ff0000000000", // none at all
	} {
		value := vector(t, text)
		read, err := wodehost.Decode[any](value)
		if _, ok := read.(wodehost.Ext); err != nil || !ok {
			t.Errorf("%s: %#v, %v", text, read, err)
		}
	}
}

// pairs is a map with these keys, each with its value behind it.
func pairs(keysAndValues ...any) wodehost.Map {
	var made wodehost.Map
	for i := 0; i < len(keysAndValues); i += 2 {
		made = append(made, wodehost.Pair{Key: keysAndValues[i], Value: keysAndValues[i+1]})
	}
	return made
}

type base struct {
	ID int `msgpack:"id"`
}

type record struct {
	base
	Name    string            `msgpack:"name"`
	Tags    []string          `msgpack:"tags,omitempty"`
	Weights map[string]uint8  `msgpack:"weights"`
	Born    *time.Time        `msgpack:"born"`
	Data    []byte            `msgpack:"data"`
	Digest  [3]byte           `msgpack:"digest"`
	Extra   any               `msgpack:"extra"`
	Raw     wodehost.Raw      `msgpack:"raw"`
	Nested  map[int][]float32 `msgpack:"nested"`
	Plain   bool
	Skipped string `msgpack:"-"`
	private int
}

func TestAStructComesBackAsItWas(t *testing.T) {
	born := time.Date(1815, 12, 10, 0, 0, 0, 5, time.UTC)
	sent := record{
		base: base{7}, Name: "Ada", Tags: []string{"a"}, Weights: map[string]uint8{"x": 255, "b": 0},
		Born: &born, Data: []byte{0xff}, Digest: [3]byte{1, 2, 3}, Extra: []any{nil, "x"},
		Raw: wodehost.Raw{0xcd, 0, 1}, Nested: map[int][]float32{-1: {1.5}}, Plain: true,
	}
	read, err := wodehost.Decode[record](encoded(t, sent))
	if err != nil || !reflect.DeepEqual(read, sent) {
		t.Errorf("got %+v, %v", read, err)
	}
}

func TestAStructIsAMapOfItsFieldsInTheirOrder(t *testing.T) {
	value := struct {
		B int    `msgpack:"b"`
		A string `msgpack:"a,omitempty"`
		C []int  `msgpack:"c"`
	}{B: 1}
	same(t, encoded(t, value), vector(t, "82 a162 01 a163 90"))
}

func TestKeysOfAMapAreWrittenInOneOrder(t *testing.T) {
	value := map[any]int{"b": 1, "a": 2, 10: 3, 2: 4, true: 5}
	for range 20 {
		same(t, encoded(t, value), vector(t, "85 02 04 0a 03 a161 02 a162 01 c3 05"))
	}
}

func TestAStructCanBeAnArray(t *testing.T) {
	type pair struct {
		_    struct{} `msgpack:",as_array"`
		From int
		To   string
	}
	same(t, encoded(t, pair{From: 1, To: "a"}), vector(t, "92 01 a161"))
	read, err := wodehost.Decode[pair](vector(t, "92 01 a161"))
	if err != nil || read.From != 1 || read.To != "a" {
		t.Error(read, err)
	}
	if _, err := wodehost.Decode[pair](vector(t, "91 01")); err == nil {
		t.Error("an array that is too short was taken")
	}
}

// level has a form of its own.
type level int

func (l level) MarshalMsgpack() ([]byte, error) { return wodehost.Encode(strings.Repeat("!", int(l))) }

func (l *level) UnmarshalMsgpack(value []byte) error {
	text, err := wodehost.Decode[string](value)
	*l = level(len(text))
	return err
}

func TestATypeCanHaveAFormOfItsOwn(t *testing.T) {
	raw := encoded(t, []level{1, 3})
	same(t, raw, vector(t, "92 a121 a3212121"))
	if read, err := wodehost.Decode[[]level](raw); err != nil || read[1] != 3 {
		t.Error(read, err)
	}
}

func TestIntegersOfAnySizeAreWrittenWhereTheyFit(t *testing.T) {
	beyond := new(big.Int).Lsh(big.NewInt(1), 64)
	same(t, encoded(t, new(big.Int).Sub(beyond, big.NewInt(1))), vector(t, "cfffffffffffffffff"))
	same(t, encoded(t, big.NewInt(-1)), vector(t, "ff"))
	fails(t, []any{1, beyond}, "at [1]: an integer beyond 64 bits has no MessagePack form")
}

func TestGosOwnNaNIsTheOneOfOthers(t *testing.T) {
	same(t, encoded(t, math.NaN()), vector(t, "cb7ff8000000000000"))
	payload := vector(t, "cb7ff8000000000123")
	read, err := wodehost.Decode[any](payload)
	if err != nil {
		t.Fatal(err)
	}
	same(t, encoded(t, read), payload)
}

func TestNothingIsNilAndEmptyIsEmpty(t *testing.T) {
	cases := []struct {
		value  any
		wanted string
	}{
		{nil, "c0"}, {(*int)(nil), "c0"}, {wodehost.Raw(nil), "c0"}, {[]string(nil), "90"},
		{map[string]int(nil), "80"}, {[]byte(nil), "c400"}, {wodehost.Map(nil), "80"}, {[2]any{}, "92c0c0"},
	}
	for _, c := range cases {
		same(t, encoded(t, c.value), vector(t, c.wanted))
	}
}

// fails wants a value not to be written, for this reason.
func fails(t *testing.T, value any, message string) {
	t.Helper()
	_, err := wodehost.Encode(value)
	var failure *wodehost.Failure
	if !errors.As(err, &failure) || failure.Code != wodehost.BadValue || failure.Message != message {
		t.Errorf("got %v, wanted %s", err, message)
	}
}

type node struct {
	Next *node `msgpack:"next"`
}

func TestWhatHasNoFormIsSaidWithItsPlace(t *testing.T) {
	deep := "nested more than 64 deep (does it hold itself?)"
	itself := []any{nil}
	itself[0] = itself
	ring := &node{}
	ring.Next = ring
	var pointer any
	pointer = &pointer

	fails(t, func() {}, "a func() has no MessagePack form")
	fails(t, map[string]any{"items": []any{1, make(chan int)}}, "at items[1]: a chan int has no MessagePack form")
	fails(t, pairs(5, complex(1, 1)), "at [5]: a complex128 has no MessagePack form")
	fails(t, itself, "at [0][0][0][0][0][0]…[0][0][0][0][0][0]: "+deep)
	fails(t, ring, "at next.next.next.next.next.next….next.next.next.next.next.next: "+deep)
	fails(t, pointer, deep)
	fails(t, "a\xff", "the string is not UTF-8; bytes are a []byte")
	fails(t, map[any]int{1: 1, int64(1): 2}, "at [1]: the map has two keys that are the same in MessagePack")
	fails(t, struct{ Failed error }{errors.New("x")},
		"at Failed: a errors.errorString has no exported fields, so no MessagePack form")
}

func TestSixtyFourDeepIsTakenAndNoMore(t *testing.T) {
	value := any(1)
	for range 64 {
		value = []any{value}
	}
	read, err := wodehost.Decode[any](encoded(t, value))
	if err != nil || !reflect.DeepEqual(encoded(t, read), encoded(t, value)) {
		t.Error(err)
	}
	if _, err := wodehost.Encode([]any{value}); err == nil {
		t.Error("65 deep was written")
	}
	if _, err := wodehost.Decode[any](append(wodehost.Raw{0x91}, encoded(t, value)...)); err == nil {
		t.Error("65 deep was read")
	}
}

func TestWhatDoesNotFitIsSaidWithItsPlace(t *testing.T) {
	type inner struct {
		Count int8     `msgpack:"count"`
		Tags  []string `msgpack:"tags"`
	}
	type outer struct {
		Name  string           `msgpack:"name,required"`
		Inner *inner           `msgpack:"inner"`
		Sizes map[string]uint8 `msgpack:"sizes"`
		Pair  [2]float64       `msgpack:"pair"`
		When  time.Time        `msgpack:"when"`
	}
	cases := []struct {
		sent   any
		wanted string
	}{
		{nil, "found nil, expected a map"},
		{map[string]any{}, "the key `name` is missing"},
		{map[string]any{"name": nil}, "at name: found nil, expected a string"},
		{map[string]any{"name": []byte("x")}, "at name: found binary data, expected a string"},
		{map[string]any{"inner": map[string]any{"count": 128}},
			"at inner.count: found the integer 128, expected one from -128 to 127"},
		{map[string]any{"inner": map[string]any{"count": uint64(math.MaxUint64)}},
			"at inner.count: found the integer 18446744073709551615, expected one from -128 to 127"},
		{map[string]any{"inner": map[string]any{"count": 1.0}}, "at inner.count: found a float, expected an integer"},
		{map[string]any{"inner": map[string]any{"tags": []any{"a", 1}}},
			"at inner.tags[1]: found an integer, expected a string"},
		{map[string]any{"sizes": map[string]any{"x": -1}}, "at sizes.x: found the integer -1, expected one from 0 to 255"},
		{map[string]any{"sizes": pairs(5, 1)}, "at sizes[key]: found an integer, expected a string"},
		{map[string]any{"pair": []any{1}}, "at pair: found an array of length 1, expected one of length 2"},
		{map[string]any{"pair": []any{1, 1<<53 + 1}},
			"at pair[1]: found the integer 9007199254740993, which a float does not hold exactly"},
		{map[string]any{"when": wodehost.Ext{Type: 5}}, "at when: found an extension, expected a timestamp"},
		{map[string]any{"when": "2000-01-01"}, "at when: found a string, expected a timestamp"},
	}
	for _, c := range cases {
		_, err := wodehost.DecodeAs[outer](wodehost.BadArgument, encoded(t, c.sent))
		var failure *wodehost.Failure
		if !errors.As(err, &failure) || failure.Code != wodehost.BadArgument || failure.Message != c.wanted {
			t.Errorf("%v: got %v, wanted %s", c.sent, err, c.wanted)
		}
	}
}

func TestWhatFitsIsTaken(t *testing.T) {
	takes(t, "05", 5.0)
	takes(t, "05", uint8(5))
	takes(t, "cf7fffffffffffffff", int64(math.MaxInt64))
	takes(t, "cfffffffffffffffff", uint64(math.MaxUint64))
	takes(t, "cb3ff8000000000000", float32(1.5))
	takes(t, "c0", []int(nil))
	takes(t, "c0", map[string]int(nil))
	takes(t, "c0", (*int)(nil))
	takes(t, "81 c3 05", map[bool]int{true: 5})
	takes(t, "82 a16101 a16202", pairs("a", int64(1), "b", int64(2)))
	takes(t, "82 a178 01 05 02", struct {
		Y int `msgpack:"y"`
	}{})
}

func takes[T any](t *testing.T, sent string, wanted T) {
	t.Helper()
	read, err := wodehost.Decode[T](vector(t, sent))
	if err != nil || !reflect.DeepEqual(read, wanted) {
		t.Errorf("%s: got %#v, %v", sent, read, err)
	}
}

func TestKeysThatAMapCannotHoldApartAreAnError(t *testing.T) {
	zeroes := vector(t, "82 cb0000000000000000 01 cb8000000000000000 02")
	if _, err := wodehost.Decode[map[float64]int](zeroes); err == nil {
		t.Error("one of the zeroes was lost")
	}
	arrays := vector(t, "81 9101 01")
	if _, err := wodehost.Decode[map[any]int](arrays); err == nil {
		t.Error("an array was a key")
	}
	both, err := wodehost.Decode[wodehost.Map](zeroes)
	if err != nil || len(both) != 2 {
		t.Error(both, err)
	}
}

func TestAHeadThatPromisesTooMuchTakesNoMemory(t *testing.T) {
	for _, text := range []string{"ddffffffff", "dfffffffff", "c6ffffffff", "dbffffffff", "c9ffffffff05"} {
		if _, err := wodehost.Decode[any](vector(t, text)); err == nil {
			t.Errorf("%s was a value", text)
		}
		if _, err := wodehost.Decode[[]int](vector(t, text)); err == nil {
			t.Errorf("%s was an array", text)
		}
	}
}

func TestAMapGivesWhatIsUnderAKey(t *testing.T) {
	found := pairs("a", 1, []byte("b"), 2)
	if value, ok := found.Get("a"); !ok || value != 1 {
		t.Error(value, ok)
	}
	if _, ok := found.Get("b"); ok {
		t.Error("binary data was taken for a string")
	}
	if text := pairs("a", pairs(1, "x"), "b", 2).String(); text != "map[a:map[1:x] b:2]" {
		t.Error(text)
	}
}
