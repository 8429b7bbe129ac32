package contract

import "unsafe"

// The host writes what it gives into memory that it asks of cabi_realloc. While
// it does, the plugin may not call the host, and so nothing of the Go runtime may
// run that does: the garbage collector reads the clock, and a goroutine that is
// scheduled may do anything. So this memory is not the collector's. It is a slab
// that is filled from the front and used anew when all of it was copied out.

// firstSlab costs no memory until it is written to. Its elements are what has to be
// aligned most.
var firstSlab [1 << 13]uint64

var slab struct {
	start      unsafe.Pointer
	used, size uintptr
	// lent counts the calls whose values are not copied out yet.
	lent int
}

//go:linkname sbrk runtime.sbrk
func sbrk(n uintptr) unsafe.Pointer

const pageBytes = 1 << 16

// It does not check the stack: growing that is work of the runtime's, too.
//
//go:wasmexport cabi_realloc
//go:nosplit
func cabiRealloc(_ unsafe.Pointer, _, align, size uint32) unsafe.Pointer {
	used := (slab.used + uintptr(align) - 1) &^ (uintptr(align) - 1)
	if used+uintptr(size) > slab.size {
		growSlab(uintptr(size))
		used = 0
	}
	slab.used = used + uintptr(size)
	return unsafe.Add(slab.start, used)
}

// growSlab makes another slab. The old one stays as it is, for the values that are in
// it. The new one is at least twice as large, so that all the old ones together are
// smaller than it.
func growSlab(size uintptr) {
	if slab.size == 0 && size <= unsafe.Sizeof(firstSlab) {
		slab.start, slab.size = unsafe.Pointer(&firstSlab), unsafe.Sizeof(firstSlab)
		return
	}
	bytes := (max(size, 2*slab.size) + pageBytes - 1) &^ (pageBytes - 1)
	fresh := sbrk(bytes)
	if fresh == nil {
		panic("out of memory for what the host gives")
	}
	slab.start, slab.size = fresh, bytes
}

// borrow is to be called before the host gives values, giveBack when they are
// copied out.
func borrow() { slab.lent++ }

func giveBack() {
	slab.lent--
	if slab.lent == 0 {
		slab.used = 0
	}
}

// adapterMemory is what the adapter for WASI asks for: two blocks of 64 KiB, the
// first of them while the Go runtime starts.
var adapterMemory struct {
	blocks [2<<16 + 16]byte
	used   uintptr
}

//go:wasmexport cabi_realloc_adapter
//go:nosplit
func adapterRealloc(_ unsafe.Pointer, _, align, size uint32) unsafe.Pointer {
	start := unsafe.Pointer(&adapterMemory.blocks)
	skip := -(uintptr(start) + adapterMemory.used) & (uintptr(align) - 1)
	at := adapterMemory.used + skip
	if at+uintptr(size) > uintptr(len(adapterMemory.blocks)) {
		return nil
	}
	adapterMemory.used = at + uintptr(size)
	return unsafe.Add(start, at)
}

// span is a list or string as the canonical ABI passes it.
type span struct{ ptr, len uint32 }

func pointer(at uint32) unsafe.Pointer { return unsafe.Add(nil, at) }

func (s span) text() string {
	if s.len == 0 {
		return ""
	}
	return string(unsafe.Slice((*byte)(pointer(s.ptr)), s.len))
}

func (s span) bytes() []byte {
	copied := make([]byte, s.len)
	if s.len > 0 {
		copy(copied, unsafe.Slice((*byte)(pointer(s.ptr)), s.len))
	}
	return copied
}

// kept holds what was handed to the host as addresses, so that the collector
// sees it.
type kept struct{ values []any }

func (k *kept) bytes(value []byte) span {
	if len(value) == 0 {
		return span{}
	}
	k.values = append(k.values, value)
	return span{uint32(uintptr(unsafe.Pointer(unsafe.SliceData(value)))), uint32(len(value))}
}

func (k *kept) text(text string) span {
	return k.bytes([]byte(text))
}

func (k *kept) spans(values [][]byte) span {
	if len(values) == 0 {
		return span{}
	}
	spans := make([]span, len(values))
	for i, value := range values {
		spans[i] = k.bytes(value)
	}
	k.values = append(k.values, spans)
	return span{uint32(uintptr(unsafe.Pointer(unsafe.SliceData(spans)))), uint32(len(spans))}
}
