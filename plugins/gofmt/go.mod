module plugin/gofmt

go 1.24

require wodehost v0.0.0

require (
	github.com/vmihailenco/msgpack/v5 v5.3.5 // indirect
	github.com/vmihailenco/tagparser/v2 v2.0.0 // indirect
)

replace wodehost => ../../guest-sdk/go/sdk

replace github.com/vmihailenco/msgpack/v5 => ../../guest-sdk/go/sdk/third_party/msgpack

replace github.com/vmihailenco/tagparser/v2 => ../../guest-sdk/go/sdk/third_party/tagparser
