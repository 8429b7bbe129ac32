package wodehost

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"reflect"
	"time"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// kind is what a value is in MessagePack.
type kind uint8

const (
	nilKind kind = iota
	boolKind
	intKind
	uintKind
	float32Kind
	float64Kind
	stringKind
	binaryKind
	arrayKind
	mapKind
	extKind
)

var kindNames = [...]string{
	"nil", "a boolean", "an integer", "an integer", "a float", "a float", "a string", "binary data",
	"an array", "a map", "an extension",
}

func kindOf(code byte) (kind, error) {
	switch {
	case code == msgpcode.Nil:
		return nilKind, nil
	case code == msgpcode.False, code == msgpcode.True:
		return boolKind, nil
	case code <= msgpcode.PosFixedNumHigh, code >= msgpcode.Uint8 && code <= msgpcode.Uint64:
		return uintKind, nil
	case code >= msgpcode.NegFixedNumLow, code >= msgpcode.Int8 && code <= msgpcode.Int64:
		return intKind, nil
	case code == msgpcode.Float:
		return float32Kind, nil
	case code == msgpcode.Double:
		return float64Kind, nil
	case msgpcode.IsString(code):
		return stringKind, nil
	case msgpcode.IsBin(code):
		return binaryKind, nil
	case msgpcode.IsFixedArray(code), code == msgpcode.Array16, code == msgpcode.Array32:
		return arrayKind, nil
	case msgpcode.IsFixedMap(code), code == msgpcode.Map16, code == msgpcode.Map32:
		return mapKind, nil
	case msgpcode.IsExt(code):
		return extKind, nil
	default:
		return 0, unfit("the byte %#x starts no value", code)
	}
}

// reader reads values with the library's decoder, which would take many for what
// they are not: a float for an integer, 300 for an int8, nil for anything. What the
// next value is, and whether that is what is wanted, is decided here.
type reader struct {
	in     *msgpack.Decoder
	source *bytes.Reader
	whole  []byte
}

func read(value Raw, into any) error {
	if len(value) == 0 {
		value = Raw{msgpcode.Nil}
	}
	source := bytes.NewReader(value)
	r := reader{in: msgpack.NewDecoder(source), source: source, whole: value}
	if err := r.value(reflect.ValueOf(into).Elem(), 0); err != nil {
		return err
	}
	if source.Len() > 0 {
		return unfit("%d bytes behind the value", source.Len())
	}
	return nil
}

func (r reader) next() (kind, error) {
	code, err := r.in.PeekCode()
	if err != nil {
		return 0, tooEarly()
	}
	return kindOf(code)
}

func (r reader) at() int { return len(r.whole) - r.source.Len() }

// raw gives the bytes of the next value.
func (r reader) raw() (Raw, error) {
	start := r.at()
	if err := r.in.Skip(); err != nil {
		return nil, err
	}
	return Raw(r.whole[start:r.at():r.at()]), nil
}

// natural reads a value as what Go has for it.
func (r reader) natural(depth int) (any, error) {
	next, err := r.next()
	if err != nil {
		return nil, err
	}
	switch next {
	case nilKind:
		return nil, r.in.DecodeNil()
	case boolKind:
		return r.in.DecodeBool()
	case intKind:
		return r.in.DecodeInt64()
	case uintKind:
		number, err := r.in.DecodeUint64()
		if number <= math.MaxInt64 {
			return int64(number), err
		}
		return number, err
	case float32Kind:
		return r.in.DecodeFloat32()
	case float64Kind:
		return r.in.DecodeFloat64()
	case stringKind:
		return r.in.DecodeString()
	case binaryKind:
		return r.in.DecodeBytes()
	case arrayKind:
		return r.naturalArray(depth)
	case mapKind:
		return r.naturalMap(depth)
	default:
		return r.naturalExt()
	}
}

// length reads the head of an array or a map. A head alone can claim any number of
// elements, for which no memory shall be taken: each needs a byte that is there.
func (r reader) length(depth int, head func() (int, error)) (int, error) {
	if depth >= deepest {
		return 0, tooDeep()
	}
	length, err := head()
	if err == nil && length > r.source.Len() {
		err = tooEarly()
	}
	return length, err
}

func (r reader) naturalArray(depth int) (any, error) {
	length, err := r.length(depth, r.in.DecodeArrayLen)
	if err != nil {
		return nil, err
	}
	array := make([]any, length)
	for i := range array {
		if array[i], err = r.natural(depth + 1); err != nil {
			return nil, atIndex(i, err)
		}
	}
	return array, nil
}

func (r reader) naturalMap(depth int) (any, error) {
	length, err := r.length(depth, r.in.DecodeMapLen)
	if err != nil {
		return nil, err
	}
	pairs := make(Map, length)
	for i := range pairs {
		pair := &pairs[i]
		if pair.Key, err = r.natural(depth + 1); err != nil {
			return nil, under("[key]", err)
		}
		if pair.Value, err = r.natural(depth + 1); err != nil {
			return nil, atKey(pair.Key, err)
		}
	}
	return pairs, nil
}

// naturalExt reads a timestamp where it would be written as the same bytes again.
func (r reader) naturalExt() (any, error) {
	start := r.at()
	read, err := r.ext()
	if err != nil || read.Type != -1 {
		return read, err
	}
	when, err := r.timeAt(start)
	if err != nil {
		// No timestamp, but an extension all the same.
		return read, nil
	}
	again, err := Encode(when)
	if err != nil || !bytes.Equal(again, r.whole[start:r.at()]) {
		return read, err
	}
	return when, nil
}

func (r reader) ext() (Ext, error) {
	id, length, err := r.in.DecodeExtHeader()
	if err != nil {
		return Ext{}, err
	}
	if length > r.source.Len() {
		return Ext{}, io.ErrUnexpectedEOF
	}
	data := make([]byte, length)
	return Ext{id, data}, r.in.ReadFull(data)
}

// timeAt reads the timestamp that starts there, and leaves the reader behind it also
// where it is none.
func (r reader) timeAt(start int) (time.Time, error) {
	behind := r.at()
	if _, err := r.source.Seek(int64(start), io.SeekStart); err != nil {
		return time.Time{}, err
	}
	when, err := r.in.DecodeTime()
	if r.at() != behind {
		if _, err := r.source.Seek(int64(behind), io.SeekStart); err != nil {
			return time.Time{}, err
		}
	}
	return when.UTC(), err
}

// value reads the next value into v.
func (r reader) value(v reflect.Value, depth int) error {
	if own, err := r.special(v, depth); own {
		return err
	}
	return r.plain(v, depth)
}

// plain reads into a type that is what its kind says.
func (r reader) plain(v reflect.Value, depth int) error {
	next, err := r.next()
	if err != nil {
		return err
	}
	switch v.Kind() {
	case reflect.Pointer:
		if next == nilKind {
			v.SetZero()
			return r.in.DecodeNil()
		}
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return r.value(v.Elem(), depth)
	case reflect.Bool:
		if next != boolKind {
			return mismatch(next, "a boolean")
		}
		set, err := r.in.DecodeBool()
		v.SetBool(set)
		return err
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return r.integer(v, next)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return r.unsigned(v, next)
	case reflect.Float32, reflect.Float64:
		return r.float(v, next)
	case reflect.String:
		if next != stringKind {
			return mismatch(next, "a string")
		}
		text, err := r.in.DecodeString()
		v.SetString(text)
		return err
	case reflect.Slice:
		return r.slice(v, next, depth)
	case reflect.Array:
		return r.array(v, next, depth)
	case reflect.Map:
		return r.goMap(v, next, depth)
	case reflect.Struct:
		return r.structure(v, next, depth)
	default:
		return unfit("a %s cannot be read", v.Type())
	}
}

// special reads into the types that are not what their kind says.
func (r reader) special(v reflect.Value, depth int) (own bool, err error) {
	t := v.Type()
	switch {
	case isBasic(t):
		return false, nil
	case t == rawType:
		value, err := r.raw()
		v.SetBytes(value)
		return true, err
	case t.Kind() == reflect.Interface:
		if t.NumMethod() > 0 {
			return true, unfit("a %s cannot be read", t)
		}
		value, err := r.natural(depth)
		v.SetZero()
		if err == nil && value != nil {
			v.Set(reflect.ValueOf(value))
		}
		return true, err
	case t == mapType:
		next, err := r.next()
		if err == nil && next != mapKind {
			err = mismatch(next, "a map")
		}
		if err != nil {
			return true, err
		}
		pairs, err := r.naturalMap(depth)
		if err == nil {
			v.Set(reflect.ValueOf(pairs))
		}
		return true, err
	case t == extType, t == timeType:
		return true, r.extInto(v)
	}
	if t.PkgPath() == "" || t.Kind() == reflect.Pointer || !v.CanAddr() {
		return false, nil
	}
	if reflect.PointerTo(t).Implements(unmarshalerType) {
		value, err := r.raw()
		if err != nil {
			return true, err
		}
		return true, v.Addr().Interface().(msgpack.Unmarshaler).UnmarshalMsgpack(value)
	}
	return false, nil
}

func (r reader) extInto(v reflect.Value) error {
	wanted := "an extension"
	if v.Type() == timeType {
		wanted = "a timestamp"
	}
	next, err := r.next()
	if err != nil {
		return err
	}
	if next != extKind {
		return mismatch(next, wanted)
	}
	start := r.at()
	ext, err := r.ext()
	if err != nil {
		return err
	}
	if v.Type() == extType {
		v.Set(reflect.ValueOf(ext))
		return nil
	}
	when, err := r.timeAt(start)
	if err != nil {
		return mismatch(next, wanted)
	}
	v.Set(reflect.ValueOf(when))
	return nil
}

func (r reader) integer(v reflect.Value, next kind) error {
	number, err := r.whole64(next)
	if err != nil {
		return err
	}
	if number.beyond || v.OverflowInt(number.signed) {
		bits := v.Type().Bits()
		return unfit("found the integer %s, expected one from %d to %d",
			number, int64(-1)<<(bits-1), int64(1)<<(bits-1)-1)
	}
	v.SetInt(number.signed)
	return nil
}

func (r reader) unsigned(v reflect.Value, next kind) error {
	number, err := r.whole64(next)
	if err != nil {
		return err
	}
	unsigned := uint64(number.signed)
	if number.beyond {
		unsigned = number.unsigned
	}
	if !number.beyond && number.signed < 0 || v.OverflowUint(unsigned) {
		return unfit("found the integer %s, expected one from 0 to %d",
			number, uint64(math.MaxUint64)>>(64-v.Type().Bits()))
	}
	v.SetUint(unsigned)
	return nil
}

// integer64 is an integer of MessagePack: one beyond int64 is the unsigned one.
type integer64 struct {
	signed   int64
	unsigned uint64
	beyond   bool
}

func (n integer64) String() string {
	if n.beyond {
		return fmt.Sprint(n.unsigned)
	}
	return fmt.Sprint(n.signed)
}

func (r reader) whole64(next kind) (integer64, error) {
	switch next {
	case intKind:
		signed, err := r.in.DecodeInt64()
		return integer64{signed: signed}, err
	case uintKind:
		unsigned, err := r.in.DecodeUint64()
		if unsigned > math.MaxInt64 {
			return integer64{unsigned: unsigned, beyond: true}, err
		}
		return integer64{signed: int64(unsigned)}, err
	default:
		return integer64{}, mismatch(next, "an integer")
	}
}

// float takes integers, too, as long as none of their digits is lost.
func (r reader) float(v reflect.Value, next kind) error {
	switch next {
	case float32Kind:
		number, err := r.in.DecodeFloat32()
		v.SetFloat(float64(number))
		return err
	case float64Kind:
		number, err := r.in.DecodeFloat64()
		if v.OverflowFloat(number) {
			return unfit("found the float %g, which is too large for a float32", number)
		}
		v.SetFloat(number)
		return err
	case intKind, uintKind:
		number, err := r.whole64(next)
		if err != nil {
			return err
		}
		const exact = 1 << 53
		if number.beyond || number.signed > exact || number.signed < -exact {
			return unfit("found the integer %s, which a float does not hold exactly", number)
		}
		v.SetFloat(float64(number.signed))
		return nil
	default:
		return mismatch(next, "a number")
	}
}

func (r reader) slice(v reflect.Value, next kind, depth int) error {
	if next == nilKind {
		v.SetZero()
		return r.in.DecodeNil()
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		if next != binaryKind {
			return mismatch(next, "binary data")
		}
		data, err := r.in.DecodeBytes()
		v.SetBytes(data)
		return err
	}
	if next != arrayKind {
		return mismatch(next, "an array")
	}
	length, err := r.length(depth, r.in.DecodeArrayLen)
	if err != nil {
		return err
	}
	read := reflect.MakeSlice(v.Type(), length, length)
	element := r.value
	if isBasic(v.Type().Elem()) {
		element = r.plain
	}
	for i := range length {
		if err := element(read.Index(i), depth+1); err != nil {
			return atIndex(i, err)
		}
	}
	v.Set(read)
	return nil
}

func (r reader) array(v reflect.Value, next kind, depth int) error {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		if next != binaryKind {
			return mismatch(next, "binary data")
		}
		data, err := r.in.DecodeBytes()
		if err == nil && len(data) != v.Len() {
			err = unfit("found %d bytes, expected %d", len(data), v.Len())
		}
		if err == nil {
			reflect.Copy(v, reflect.ValueOf(data))
		}
		return err
	}
	return r.elements(next, depth, v.Len(), v.Index)
}

// elements reads an array that has to have so many.
func (r reader) elements(next kind, depth, wanted int, element func(i int) reflect.Value) error {
	if next != arrayKind {
		return mismatch(next, fmt.Sprintf("an array of length %d", wanted))
	}
	length, err := r.length(depth, r.in.DecodeArrayLen)
	if err != nil {
		return err
	}
	if length != wanted {
		return unfit("found an array of length %d, expected one of length %d", length, wanted)
	}
	for i := range length {
		if err := r.value(element(i), depth+1); err != nil {
			return atIndex(i, err)
		}
	}
	return nil
}

func (r reader) goMap(v reflect.Value, next kind, depth int) error {
	if next == nilKind {
		v.SetZero()
		return r.in.DecodeNil()
	}
	if next != mapKind {
		return mismatch(next, "a map")
	}
	length, err := r.length(depth, r.in.DecodeMapLen)
	if err != nil {
		return err
	}
	t := v.Type()
	read := reflect.MakeMapWithSize(t, length)
	for range length {
		key := reflect.New(t.Key()).Elem()
		if err := r.value(key, depth+1); err != nil {
			return under("[key]", err)
		}
		if !key.Comparable() {
			return unfit("the map has a key that a %s cannot hold", t)
		}
		item := reflect.New(t.Elem()).Elem()
		if err := r.value(item, depth+1); err != nil {
			return atKey(key.Interface(), err)
		}
		if read.MapIndex(key).IsValid() {
			return atKey(key.Interface(), unfit("two keys of the map are the same in a %s", t))
		}
		read.SetMapIndex(key, item)
	}
	v.Set(read)
	return nil
}

func (r reader) structure(v reflect.Value, next kind, depth int) error {
	shape := shapeOf(v.Type())
	if shape.hidden {
		return unfit("a %s has no exported fields to read into", v.Type())
	}
	if shape.asArray {
		return r.elements(next, depth, len(shape.fields), func(i int) reflect.Value {
			return fieldOf(v, shape.fields[i].index)
		})
	}
	if next != mapKind {
		return mismatch(next, "a map")
	}
	length, err := r.length(depth, r.in.DecodeMapLen)
	if err != nil {
		return err
	}
	found := make([]bool, len(shape.fields))
	for range length {
		i, err := r.fieldNamed(shape)
		if err != nil {
			return err
		}
		if i < 0 {
			if err := r.in.Skip(); err != nil {
				return err
			}
			continue
		}
		field := shape.fields[i]
		if err := r.value(fieldOf(v, field.index), depth+1); err != nil {
			return atField(field.name, err)
		}
		found[i] = true
	}
	for i, field := range shape.fields {
		if field.required && !found[i] {
			return unfit("the key `%s` is missing", field.name)
		}
	}
	return nil
}

// fieldNamed reads a key and finds the field that it names; -1 is none.
func (r reader) fieldNamed(shape *shape) (int, error) {
	next, err := r.next()
	if err != nil {
		return -1, err
	}
	if next != stringKind {
		return -1, r.in.Skip()
	}
	name, err := r.in.DecodeString()
	if err != nil {
		return -1, err
	}
	for i := range shape.fields {
		if shape.fields[i].name == name {
			return i, nil
		}
	}
	return -1, nil
}

// fieldOf finds a field and makes the embedded structs on the way to it.
func fieldOf(v reflect.Value, index []int) reflect.Value {
	for _, i := range index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v
}

func mismatch(found kind, expected string) error {
	return unfit("found %s, expected %s", kindNames[found], expected)
}

func tooEarly() error { return unfit("the value ends too early") }
