module wodehost

go 1.24

require github.com/vmihailenco/msgpack/v5 v5.3.5

require github.com/vmihailenco/tagparser/v2 v2.0.0 // indirect

replace github.com/vmihailenco/msgpack/v5 => ./third_party/msgpack

replace github.com/vmihailenco/tagparser/v2 => ./third_party/tagparser
