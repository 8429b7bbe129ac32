package wodehost

import (
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/vmihailenco/msgpack/v5"
)

var (
	rawType         = reflect.TypeFor[Raw]()
	mapType         = reflect.TypeFor[Map]()
	extType         = reflect.TypeFor[Ext]()
	timeType        = reflect.TypeFor[time.Time]()
	marshalerType   = reflect.TypeFor[msgpack.Marshaler]()
	unmarshalerType = reflect.TypeFor[msgpack.Unmarshaler]()
	wholeType       = reflect.TypeFor[whole]()
)

// basic are the types of Go's own that are what their kind says, by kind.
var basic = func() (types [reflect.String + 1]reflect.Type) {
	values := []any{
		false, 0, int8(0), int16(0), int32(0), int64(0), uint(0), uint8(0), uint16(0), uint32(0), uint64(0),
		float32(0), float64(0), "",
	}
	for _, value := range values {
		t := reflect.TypeOf(value)
		types[t.Kind()] = t
	}
	return types
}()

func isBasic(t reflect.Type) bool {
	kind := t.Kind()
	return kind <= reflect.String && basic[kind] == t
}

// whole is what *big.Int can do, without the need for its package.
type whole interface {
	IsInt64() bool
	Int64() int64
	IsUint64() bool
	Uint64() uint64
}

// shape says how a struct is written and read.
type shape struct {
	fields []fieldShape
	// asArray is a struct that is an array of its fields.
	asArray bool
	// hidden is a struct that has fields, and none that can be seen from outside.
	hidden bool
}

type fieldShape struct {
	name      string
	index     []int
	omitEmpty bool
	required  bool
}

var shapes sync.Map // of reflect.Type to *shape

func shapeOf(structType reflect.Type) *shape {
	if known, ok := shapes.Load(structType); ok {
		return known.(*shape)
	}
	made := &shape{}
	for _, visible := range reflect.VisibleFields(structType) {
		tag := visible.Tag.Get("msgpack")
		name, options, _ := strings.Cut(tag, ",")
		has := func(option string) bool {
			return strings.Contains(","+options+",", ","+option+",")
		}
		if visible.Name == "_" || visible.Name == "_msgpack" {
			made.asArray = made.asArray || has("as_array")
			continue
		}
		// The fields of an embedded struct without a name of its own stand for it.
		embedded := visible.Anonymous && name == "" && structUnder(visible.Type)
		if !visible.IsExported() || embedded || name == "-" {
			continue
		}
		if name == "" {
			name = visible.Name
		}
		made.fields = append(made.fields, fieldShape{
			name: name, index: visible.Index, omitEmpty: has("omitempty"), required: has("required"),
		})
	}
	made.hidden = len(made.fields) == 0 && structType.NumField() > 0 && !made.asArray
	shapes.Store(structType, made)
	return made
}

func structUnder(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct && t != timeType && t != extType
}
