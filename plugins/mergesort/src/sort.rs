//! What one job does: sort directly, or have the halves sorted and merge them.

use wodehost_guest::Failure;
use wodehost_guest::jobs::SubmitError;

use crate::element::{Element, read, write};

/// Who sorts the halves: this worker in further jobs, or what stands for it in tests.
pub(crate) trait Nested {
    type Job;

    fn submit(&self, array: Vec<u8>) -> Result<Self::Job, SubmitError>;

    fn wait(&self, job: Self::Job) -> Result<Vec<u8>, Failure>;
}

/// The array in order. Equal elements stay in the order they had.
pub(crate) fn sort(array: &[u8], leaf: usize, nested: &impl Nested) -> Result<Vec<u8>, Failure> {
    let elements = read(array)?;
    if elements.len() <= leaf.max(1) {
        return Ok(write(&directly(&elements)));
    }
    let (low, high) = elements.split_at(elements.len() / 2);
    // Both are on their way before either is waited for.
    let (low, high) = (submit(low, nested)?, submit(high, nested)?);
    let (low, high) = (low.sorted(nested)?, high.sorted(nested)?);
    Ok(write(&merge(&read(&low)?, &read(&high)?)))
}

/// A half that is being sorted, or is sorted already.
enum Half<J> {
    Submitted(J),
    Sorted(Vec<u8>),
}

/// What the host has no room for is sorted here and now.
fn submit<N: Nested>(half: &[Element], nested: &N) -> Result<Half<N::Job>, Failure> {
    match nested.submit(write(half)) {
        Ok(job) => Ok(Half::Submitted(job)),
        Err(refused) if refused.is_limit() => Ok(Half::Sorted(write(&directly(half)))),
        Err(refused) => Err(Failure::code(refused.name(), refused)),
    }
}

impl<J> Half<J> {
    fn sorted(self, nested: &impl Nested<Job = J>) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Submitted(job) => nested.wait(job),
            Self::Sorted(array) => Ok(array),
        }
    }
}

fn directly<'v>(elements: &[Element<'v>]) -> Vec<Element<'v>> {
    let mut sorted = elements.to_vec();
    sorted.sort_by(Element::order);
    sorted
}

/// Of equal elements those of `low` come first.
fn merge<'v>(mut low: &[Element<'v>], mut high: &[Element<'v>]) -> Vec<Element<'v>> {
    let mut merged = Vec::with_capacity(low.len() + high.len());
    while let ([first, behind_low @ ..], [second, behind_high @ ..]) = (low, high) {
        if first.order(second).is_le() {
            merged.push(*first);
            low = behind_low;
        } else {
            merged.push(*second);
            high = behind_high;
        }
    }
    merged.extend_from_slice(low);
    merged.extend_from_slice(high);
    merged
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use wodehost_guest::Raw;

    /// Sorts in the same way, one inside the other, down to `depth`.
    struct Inside {
        leaf: usize,
        depth: Cell<usize>,
        submits: Cell<usize>,
    }

    impl Inside {
        fn new(leaf: usize, depth: usize) -> Self {
            Self {
                leaf,
                depth: Cell::new(depth),
                submits: Cell::new(0),
            }
        }
    }

    impl Nested for Inside {
        type Job = Vec<u8>;

        fn submit(&self, array: Vec<u8>) -> Result<Vec<u8>, SubmitError> {
            if self.depth.get() == 0 {
                return Err(SubmitError::Limit("depth".into()));
            }
            self.submits.set(self.submits.get() + 1);
            Ok(array)
        }

        fn wait(&self, array: Vec<u8>) -> Result<Vec<u8>, Failure> {
            self.depth.set(self.depth.get() - 1);
            let sorted = sort(&array, self.leaf, self);
            self.depth.set(self.depth.get() + 1);
            sorted
        }
    }

    /// Numbers in no order, some of them more than once.
    fn shuffled(count: u64) -> Vec<u64> {
        (0..count).map(|n| n * 7919 % (count / 2 + 1)).collect()
    }

    fn sorted(numbers: &[u64], nested: &Inside) -> Vec<u64> {
        let array = Raw::of(numbers).unwrap();
        Raw(sort(&array.0, nested.leaf, nested).unwrap())
            .read()
            .unwrap()
    }

    #[test]
    fn halves_of_halves_come_out_in_order() {
        for count in [0, 1, 2, 3, 10, 1000] {
            for leaf in [0, 1, 3, 2000] {
                let numbers = shuffled(count);
                let mut wanted = numbers.clone();
                wanted.sort_unstable();
                assert_eq!(sorted(&numbers, &Inside::new(leaf, 64)), wanted);
            }
        }
    }

    #[test]
    fn sixteen_levels_are_as_many_jobs_as_there_are_parts() {
        let numbers = shuffled(1 << 16);
        let nested = Inside::new(1, 16);
        assert!(sorted(&numbers, &nested).is_sorted());
        assert_eq!(nested.submits.get(), (2 << 16) - 2);
    }

    #[test]
    fn a_part_that_is_refused_by_a_limit_is_sorted_in_place() {
        let numbers = shuffled(1000);
        for depth in 0..5 {
            let nested = Inside::new(1, depth);
            assert!(sorted(&numbers, &nested).is_sorted());
            assert_eq!(nested.submits.get(), (2 << depth) - 2);
        }
    }

    #[test]
    fn equal_elements_keep_their_order() {
        // One in different encodings, between others.
        let ones: [&[u8]; 4] = [&[0xcc, 1], &[1], &[0xcd, 0, 1], &[0xca, 0x3f, 0x80, 0, 0]];
        let array = [&[0x96, 2][..], ones[0], ones[1], ones[2], ones[3], &[0]].concat();
        let wanted = [&[0x96, 0][..], ones[0], ones[1], ones[2], ones[3], &[2]].concat();
        for leaf in [1, 2, 3, 6] {
            assert_eq!(
                sort(&array, leaf, &Inside::new(leaf, 64)),
                Ok(wanted.clone())
            );
        }
    }

    #[test]
    fn any_other_refusal_is_a_failure() {
        struct Forbidden;
        impl Nested for Forbidden {
            type Job = ();
            fn submit(&self, _: Vec<u8>) -> Result<(), SubmitError> {
                Err(SubmitError::NotPermitted("mergesort".into()))
            }
            fn wait(&self, (): ()) -> Result<Vec<u8>, Failure> {
                unreachable!("nothing was submitted")
            }
        }
        let failure = sort(&[0x92, 2, 1], 1, &Forbidden).expect_err("a failure");
        assert_eq!(failure.message(), "not permitted: mergesort");
    }
}
