package wodehost

import (
	"bytes"
	"math"
	"reflect"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/vmihailenco/msgpack/v5"
)

// deepest is how deep arrays and maps may be inside one another.
const deepest = 64

// writer writes values with the library's encoder. What the library would lose or
// take silently is what is done here: which type a value has, where a problem is,
// the order of keys, and extension types.
type writer struct {
	out    *msgpack.Encoder
	buffer *bytes.Buffer
}

// any writes what is written most often without reflection.
func (w writer) any(value any, depth int) error {
	switch value := value.(type) {
	case nil:
		return w.out.EncodeNil()
	case string:
		return w.text(value)
	case bool:
		return w.out.EncodeBool(value)
	case int:
		return w.out.EncodeInt(int64(value))
	case int64:
		return w.out.EncodeInt(value)
	case uint64:
		return w.out.EncodeUint(value)
	case float64:
		return w.float(value)
	case []byte:
		return w.binary(value)
	case []any:
		return w.array(len(value), depth, func(i int) error { return w.any(value[i], depth+1) })
	case Raw:
		return w.raw(value)
	case Map:
		return w.pairs(value, depth)
	case Ext:
		return w.ext(value)
	case time.Time:
		return w.out.EncodeTime(value)
	}
	return w.value(reflect.ValueOf(value), depth)
}

func (w writer) value(v reflect.Value, depth int) error {
	if !v.IsValid() {
		return w.out.EncodeNil()
	}
	if own, err := w.special(v, v.Type(), depth); own {
		return err
	}
	return w.plain(v, depth)
}

// plain writes a type that is what its kind says.
func (w writer) plain(v reflect.Value, depth int) error {
	t := v.Type()
	switch t.Kind() {
	case reflect.Bool:
		return w.out.EncodeBool(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return w.out.EncodeInt(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return w.out.EncodeUint(v.Uint())
	case reflect.Float32:
		return w.out.EncodeFloat32(float32(v.Float()))
	case reflect.Float64:
		return w.float(v.Float())
	case reflect.String:
		return w.text(v.String())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return w.binary(v.Bytes())
		}
		element := w.value
		if isBasic(t.Elem()) {
			element = w.plain
		}
		return w.array(v.Len(), depth, func(i int) error { return element(v.Index(i), depth+1) })
	case reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return w.binary(arrayBytes(v))
		}
		return w.array(v.Len(), depth, func(i int) error { return w.value(v.Index(i), depth+1) })
	case reflect.Map:
		return w.goMap(v, depth)
	case reflect.Struct:
		return w.structure(v, depth)
	case reflect.Interface:
		return w.any(v.Interface(), depth)
	case reflect.Pointer:
		if v.IsNil() {
			return w.out.EncodeNil()
		}
		// A pointer counts, too: one that leads to itself never ends otherwise.
		if depth > deepest {
			return tooDeep()
		}
		return w.value(v.Elem(), depth+1)
	default:
		return unfit("a %s has no MessagePack form", t)
	}
}

// special writes the types that are not what their kind says.
func (w writer) special(v reflect.Value, t reflect.Type, depth int) (own bool, err error) {
	if isBasic(t) {
		return false, nil
	}
	switch t {
	case rawType:
		return true, w.raw(v.Bytes())
	case mapType, extType, timeType:
		return true, w.any(v.Interface(), depth)
	}
	if t.PkgPath() == "" && t.Kind() != reflect.Pointer || t.NumMethod() == 0 {
		return false, nil
	}
	if t.Kind() == reflect.Pointer && v.IsNil() || t.Kind() == reflect.Interface {
		return false, nil
	}
	if t.Implements(marshalerType) {
		written, err := v.Interface().(msgpack.Marshaler).MarshalMsgpack()
		if err != nil {
			return true, err
		}
		return true, w.raw(written)
	}
	if t.Implements(wholeType) {
		return true, w.whole(v.Interface().(whole))
	}
	return false, nil
}

func (w writer) whole(n whole) error {
	switch {
	case n.IsInt64():
		return w.out.EncodeInt(n.Int64())
	case n.IsUint64():
		return w.out.EncodeUint(n.Uint64())
	default:
		return unfit("an integer beyond 64 bits has no MessagePack form")
	}
}

// quietNaN is the one that other languages write; Go's own has one bit more.
const quietNaN, goNaN = 0x7ff8000000000000, 0x7ff8000000000001

func (w writer) float(f float64) error {
	if math.Float64bits(f) == goNaN {
		f = math.Float64frombits(quietNaN)
	}
	return w.out.EncodeFloat64(f)
}

func (w writer) text(text string) error {
	if !utf8.ValidString(text) {
		return unfit("the string is not UTF-8; bytes are a []byte")
	}
	return w.out.EncodeString(text)
}

func (w writer) binary(data []byte) error {
	if err := w.out.EncodeBytesLen(len(data)); err != nil {
		return err
	}
	_, err := w.buffer.Write(data)
	return err
}

func (w writer) raw(value []byte) error {
	if len(value) == 0 {
		return w.out.EncodeNil()
	}
	_, err := w.buffer.Write(value)
	return err
}

func (w writer) ext(value Ext) error {
	if err := w.out.EncodeExtHeader(value.Type, len(value.Data)); err != nil {
		return err
	}
	_, err := w.buffer.Write(value.Data)
	return err
}

func (w writer) array(length, depth int, element func(i int) error) error {
	if depth >= deepest {
		return tooDeep()
	}
	if err := w.out.EncodeArrayLen(length); err != nil {
		return err
	}
	for i := range length {
		if err := element(i); err != nil {
			return atIndex(i, err)
		}
	}
	return nil
}

func (w writer) pairs(pairs Map, depth int) error {
	if depth >= deepest {
		return tooDeep()
	}
	if err := w.out.EncodeMapLen(len(pairs)); err != nil {
		return err
	}
	for _, pair := range pairs {
		if err := w.any(pair.Key, depth+1); err != nil {
			return atKey(pair.Key, err)
		}
		if err := w.any(pair.Value, depth+1); err != nil {
			return atKey(pair.Key, err)
		}
	}
	return nil
}

// goMap writes the keys in the order of their bytes: a map has none of its own, and
// the same value shall be the same bytes each time.
func (w writer) goMap(v reflect.Value, depth int) error {
	if depth >= deepest {
		return tooDeep()
	}
	if err := w.out.EncodeMapLen(v.Len()); err != nil {
		return err
	}
	type entry struct {
		key        []byte
		name, item reflect.Value
	}
	entries := make([]entry, 0, v.Len())
	var keys bytes.Buffer
	aside := writer{out: msgpack.NewEncoder(&keys), buffer: &keys}
	for each := v.MapRange(); each.Next(); {
		keys.Reset()
		if err := aside.value(each.Key(), depth+1); err != nil {
			return atKey(each.Key().Interface(), err)
		}
		entries = append(entries, entry{bytes.Clone(keys.Bytes()), each.Key(), each.Value()})
	}
	slices.SortFunc(entries, func(a, b entry) int { return bytes.Compare(a.key, b.key) })
	for i, entry := range entries {
		if i > 0 && bytes.Equal(entry.key, entries[i-1].key) {
			return atKey(entry.name.Interface(), unfit("the map has two keys that are the same in MessagePack"))
		}
		if _, err := w.buffer.Write(entry.key); err != nil {
			return err
		}
		if err := w.value(entry.item, depth+1); err != nil {
			return atKey(entry.name.Interface(), err)
		}
	}
	return nil
}

func (w writer) structure(v reflect.Value, depth int) error {
	shape := shapeOf(v.Type())
	if shape.hidden {
		return unfit("a %s has no exported fields, so no MessagePack form", v.Type())
	}
	if depth >= deepest {
		return tooDeep()
	}
	if shape.asArray {
		return w.array(len(shape.fields), depth, func(i int) error {
			field, _ := v.FieldByIndexErr(shape.fields[i].index)
			return w.value(field, depth+1)
		})
	}
	present := make([]reflect.Value, len(shape.fields))
	count := 0
	for i, field := range shape.fields {
		// An embedded pointer that is nil has no fields.
		found, err := v.FieldByIndexErr(field.index)
		if err == nil && !(field.omitEmpty && empty(found)) {
			present[i] = found
			count++
		}
	}
	if err := w.out.EncodeMapLen(count); err != nil {
		return err
	}
	for i, field := range shape.fields {
		if !present[i].IsValid() {
			continue
		}
		if err := w.text(field.name); err != nil {
			return err
		}
		if err := w.value(present[i], depth+1); err != nil {
			return atField(field.name, err)
		}
	}
	return nil
}

func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	default:
		return v.IsZero()
	}
}

func arrayBytes(v reflect.Value) []byte {
	data := make([]byte, v.Len())
	reflect.Copy(reflect.ValueOf(data), v.Convert(reflect.ArrayOf(v.Len(), reflect.TypeFor[byte]())))
	return data
}

func tooDeep() error {
	return unfit("nested more than %d deep (does it hold itself?)", deepest)
}
