module github.com/vmihailenco/msgpack/v5

go 1.11

require github.com/vmihailenco/tagparser/v2 v2.0.0
