//! The sort against that of `std`, and against those who compare badly.

use std::convert::Infallible;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Before, merge_sort};

/// Compares with a function, after one round through the executor.
struct Asking<F> {
    answer: F,
    asked: usize,
}

fn asking<F>(answer: F) -> Asking<F> {
    Asking { answer, asked: 0 }
}

impl<E: Send, F: FnMut(usize, usize) -> Result<bool, E> + Send> Before for Asking<F> {
    type Error = E;

    async fn before(&mut self, a: usize, b: usize) -> Result<bool, E> {
        self.asked += 1;
        // Not ready at once, as no guest is.
        tokio::task::yield_now().await;
        (self.answer)(a, b)
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

/// The order and how many questions it took.
fn sorted_by(
    len: usize,
    mut answer: impl FnMut(usize, usize) -> bool + Send,
) -> (Vec<usize>, usize) {
    let mut before = asking(|a, b| Ok::<_, Infallible>(answer(a, b)));
    let Ok(order) = block_on(merge_sort(len, &mut before));
    (order, before.asked)
}

fn questions_max(len: usize) -> usize {
    (len as f64 * (len.max(1) as f64).log2()).floor() as usize
}

fn is_permutation(order: &[usize]) -> bool {
    let mut seen = vec![false; order.len()];
    order
        .iter()
        .all(|&index| index < seen.len() && !std::mem::replace(&mut seen[index], true))
}

/// Answers from the bits of a counter that is scrambled at each step.
fn noise(mut state: u64) -> impl FnMut(usize, usize) -> bool + Send {
    move |_, _| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state >> 63 == 1
    }
}

#[test]
fn nothing_and_one_need_no_question() {
    assert_eq!(sorted_by(0, |_, _| true), (vec![], 0));
    assert_eq!(sorted_by(1, |_, _| true), (vec![0], 0));
}

#[test]
fn words_are_sorted_by_length_and_else_stay_in_order() {
    let words = [
        "pear", "fig", "plum", "apple", "kiwi", "lime", "date", "yam",
    ];
    let (order, _) = sorted_by(words.len(), |a, b| words[a].len() < words[b].len());
    let sorted: Vec<_> = order.into_iter().map(|index| words[index]).collect();
    assert_eq!(
        sorted,
        [
            "fig", "yam", "pear", "plum", "kiwi", "lime", "date", "apple"
        ]
    );
}

#[test]
fn equal_elements_keep_their_order() {
    let (order, _) = sorted_by(1000, |_, _| false);
    assert!(order.is_sorted());
}

#[test]
fn every_order_of_seven_is_sorted() {
    let mut elements: Vec<usize> = (0..7).collect();
    // Heap's algorithm.
    let mut counters = [0; 7];
    let mut place = 0;
    let mut orders = 0;
    while place < 7 {
        if counters[place] < place {
            let other = if place % 2 == 0 { 0 } else { counters[place] };
            elements.swap(other, place);
            let (order, asked) = sorted_by(7, |a, b| elements[a] < elements[b]);
            assert!(order.iter().map(|&index| elements[index]).eq(0..7));
            assert!(asked <= questions_max(7));
            orders += 1;
            counters[place] += 1;
            place = 0;
        } else {
            counters[place] = 0;
            place += 1;
        }
    }
    assert_eq!(orders, 5040 - 1);
}

/// Alternating answers lead to the most questions: they empty both runs of a
/// merge at the same time.
#[test]
fn never_more_than_n_log_n_questions_are_asked() {
    for len in (0..300).chain([511, 512, 513, 1000, 1025, 2047, 2049, 3000, 4096, 4097]) {
        let mut side = false;
        let alternating = sorted_by(len, |_, _| {
            side = !side;
            side
        });
        let all = [
            alternating,
            sorted_by(len, |_, _| true),
            sorted_by(len, |_, _| false),
            sorted_by(len, noise(len as u64)),
        ];
        for (order, asked) in all {
            assert!(order.len() == len && is_permutation(&order));
            assert!(asked <= questions_max(len), "{asked} for {len}");
        }
    }
}

/// By the sizes of the merges alone, so that no choice of answers is missed.
#[test]
fn the_worst_case_is_within_n_log_n() {
    for len in 0..5000_usize {
        let mut questions = 0;
        let mut width = 1;
        while width < len {
            let merges = (0..len)
                .step_by(2 * width)
                .map(|start| (len - start).min(2 * width));
            questions += merges
                .filter(|&size| size > width)
                .map(|size| size - 1)
                .sum::<usize>();
            width *= 2;
        }
        assert!(questions <= questions_max(len), "{questions} for {len}");
    }
}

#[test]
fn a_million_elements_are_sorted() {
    let len = 1_000_000;
    let key = |index: usize| index.wrapping_mul(0x9e37_79b9) % 1_000_003;
    let (order, asked) = sorted_by(len, |a, b| key(a) < key(b));
    assert!(order.is_sorted_by_key(|&index| (key(index), index)));
    assert!(asked <= questions_max(len));
}

#[test]
fn the_first_error_ends_it() {
    for good in 0..12 {
        let mut answers = 0;
        let mut before = asking(|a, b| {
            answers += 1;
            if answers > good {
                Err(answers)
            } else {
                Ok(a > b)
            }
        });
        assert_eq!(block_on(merge_sort(8, &mut before)), Err(good + 1));
        assert_eq!(before.asked, good + 1);
    }
}

#[test]
fn it_runs_on_any_thread() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let task = runtime.spawn(async {
        let mut before = asking(|a, b| Ok::<_, String>(a > b));
        merge_sort(100, &mut before).await
    });
    let order = runtime.block_on(task).unwrap().unwrap();
    assert!(order.into_iter().eq((0..100).rev()));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn it_sorts_as_std_does(elements in vec(0_u8..40, 0..200)) {
        let mut expected: Vec<usize> = (0..elements.len()).collect();
        expected.sort_by_key(|&index| elements[index]);
        let (order, asked) = sorted_by(elements.len(), |a, b| elements[a] < elements[b]);
        prop_assert_eq!(order, expected);
        prop_assert!(asked <= questions_max(elements.len()));
    }

    #[test]
    fn whatever_is_answered_it_ends_with_a_permutation(len in 0_usize..400, seed in any::<u64>()) {
        let (order, asked) = sorted_by(len, noise(seed));
        prop_assert!(order.len() == len && is_permutation(&order));
        prop_assert!(asked <= questions_max(len));
    }

    #[test]
    fn an_error_anywhere_is_what_comes_out(elements in vec(any::<u8>(), 2..100), at in 0_usize..50) {
        let mut answers = 0;
        let mut before = asking(|a, b| {
            answers += 1;
            if answers > at { Err(at) } else { Ok(elements[a] < elements[b]) }
        });
        let sorted = block_on(merge_sort(elements.len(), &mut before));
        match sorted {
            Err(error) => prop_assert!(error == at && before.asked == at + 1),
            Ok(order) => prop_assert!(before.asked <= at && is_permutation(&order)),
        }
    }
}
