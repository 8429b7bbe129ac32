package jobs

import (
	"errors"
	"iter"

	"wodehost"
)

// ahead is how many jobs [Map] has in flight.
const ahead = 16

// Map runs a worker for each item, as jobs of this one, and gives their results in the
// order of the items. An item is the worker's argument. Up to 16 jobs are in flight;
// [MapAhead] says how many.
//
// A job that fails, or that the host refuses, is an error in its place, and the others
// go on. Where the host has no room for another while some are in flight, the oldest
// is waited for and the same job is submitted again.
//
//	for size, err := range jobs.Map[int]("measure", slices.Values(paths)) {
//		…
//	}
func Map[R, I any](worker string, items iter.Seq[I]) iter.Seq2[R, error] {
	return MapAhead[R](ahead, func(yield func(wodehost.Dispatch) bool) {
		for item := range items {
			if !yield(wodehost.To(worker, item)) {
				return
			}
		}
	})
}

// MapAhead is [Map] for jobs that are told in full, with at most so many in flight.
func MapAhead[R any](inFlight int, dispatches iter.Seq[wodehost.Dispatch]) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		window := window{inFlight: max(inFlight, 1)}
		for dispatch := range dispatches {
			for !window.submit(dispatch) {
				if !yield(oldest[R](&window)) {
					return
				}
			}
		}
		for len(window.places) > 0 {
			if !yield(oldest[R](&window)) {
				return
			}
		}
	}
}

// window is the jobs in flight, the oldest first.
type window struct {
	inFlight int
	places   []place
}

// place is a job, or why there is none.
type place struct {
	job *Job
	err error
}

// submit returns false when the oldest has to be waited for before.
func (w *window) submit(dispatch wodehost.Dispatch) bool {
	if len(w.places) >= w.inFlight {
		return false
	}
	job, err := Submit(dispatch)
	var refused *SubmitError
	if errors.As(err, &refused) && refused.Refusal == Limit && w.mayEase() {
		return false
	}
	w.places = append(w.places, place{job, err})
	return true
}

// mayEase says whether the end of one of these jobs can make room for another.
func (w *window) mayEase() bool {
	for _, place := range w.places {
		if place.job != nil {
			return true
		}
	}
	return false
}

func oldest[R any](w *window) (R, error) {
	first := w.places[0]
	w.places = w.places[1:]
	if first.err != nil {
		var none R
		return none, first.err
	}
	return Result[R](first.job)
}
