package main

import (
	"encoding/base64"

	"wodehost"
	"wodehost/checkpoint"
	"wodehost/host"
	"wodehost/log"
)

type config struct {
	Requests []string `msgpack:"requests"`
	Workers  []string `msgpack:"workers"`
	FailAt   *int     `msgpack:"fail-at"`
	ThrowAt  *int     `msgpack:"throw-at"`
}

func produce(yield func(wodehost.Dispatch)) error {
	config, err := host.Config[config]()
	if err != nil {
		return err
	}
	done, _, err := checkpoint.Load[int]()
	if err != nil {
		return err
	}
	n := 0
	for _, request := range config.Requests {
		value, err := base64.StdEncoding.DecodeString(request)
		if err != nil {
			return err
		}
		for _, worker := range config.Workers {
			n++
			if n <= done {
				continue
			}
			if config.FailAt != nil && *config.FailAt == n-1 {
				return wodehost.FailWith("as configured")
			}
			if config.ThrowAt != nil && *config.ThrowAt == n-1 {
				conformance_deep("as configured")
			}
			if err := checkpoint.Save(n); err != nil {
				return err
			}
			yield(wodehost.To(worker, wodehost.Raw(value)).With("retries", 0))
		}
	}
	return nil
}

func consume(job wodehost.Raw, outcome wodehost.Outcome) error {
	if asked, err := wodehost.Decode[request](job); err == nil && asked.Do == "echo" {
		switch text, _ := wodehost.Decode[string](asked.With); text {
		case "consumer fails":
			return wodehost.FailWith("as asked")
		case "consumer throws":
			conformance_deep(text)
		}
	}
	count, _, err := checkpoint.Load[int]()
	if err != nil {
		return err
	}
	log.Infof("outcome %s %s %s %s %s",
		inBase64(job), outcome.Worker, outcome.Status, outcome.Reason, inBase64(outcome.Data))
	return checkpoint.Save(count + 1)
}

func tellEmitted(value wodehost.Emitted) error {
	log.Infof("emitted %s %d %d %s", value.JobID, value.Attempt, value.Seq, inBase64(value.Data))
	return nil
}

func finish() error {
	count, _, err := checkpoint.Load[int]()
	if err != nil {
		return err
	}
	log.Infof("finished %d", count)
	return nil
}

func inBase64(value wodehost.Raw) string { return base64.StdEncoding.EncodeToString(value) }
