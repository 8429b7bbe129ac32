//! What every store has to do, whatever it keeps its records in.
//!
//! A [`Maker`] makes stores and opens them again. A [`Check`] makes one and holds it against one
//! rule of the ledger; [`conforms`] makes a test of each check for a maker, [`checks`] lists them.
//! Random sequences of writes are held against a plain model in [`property`].
//!
//! It owns what is expected, and no store but the [wrong ones](wrong) that show that the checks
//! can fail.

mod attempts;
mod batches;
mod bench;
mod children;
mod claims;
mod deliveries;
mod endings;
mod fences;
mod lists;
pub(crate) mod property;
mod reads;
mod samples;
mod submissions;
mod wrong;

use super::{MemoryStore, Store};

/// Makes stores of one kind.
pub(crate) trait Maker {
    /// One with nothing in it.
    fn make(&mut self) -> Box<dyn Store>;

    /// The host that had it died, and another one opens it. No reader of it is left.
    fn reopen(&mut self, store: Box<dyn Store>) -> Box<dyn Store>;
}

/// Holds a store of this maker against a rule; panics where it is broken.
pub(crate) type Check = fn(&mut dyn Maker);

/// Runs the check of this name.
pub(crate) fn run(name: &str, maker: &mut dyn Maker) {
    let check = checks().iter().find(|(other, _)| *other == name);
    let (_, check) = check.expect("a check has this name");
    check(maker);
}

/// Takes a `$` along, so that what it makes can be a macro with an argument.
macro_rules! list_checks {
    ($d:tt $($group:ident::$name:ident,)*) => {
        /// All checks, with their names.
        pub(crate) fn checks() -> &'static [(&'static str, Check)] {
            &[$((stringify!($name), $group::$name)),*]
        }

        /// A test of each check for a maker.
        macro_rules! conforms {
            ($d maker:expr) => {
                $(
                    #[test]
                    fn $name() {
                        $crate::store::conformance::run(stringify!($name), &mut $d maker);
                    }
                )*
            };
        }
        pub(crate) use conforms;
    };
}

list_checks! { $
    submissions::numbers_are_never_given_twice,
    submissions::a_number_belongs_to_one_job,
    submissions::a_key_belongs_to_one_job_of_its_stream,
    submissions::a_name_belongs_to_one_child_of_its_parent,
    submissions::a_job_comes_back_as_it_came,
    submissions::a_job_may_be_claimed_from_the_start,
    submissions::values_come_back_byte_for_byte,
    submissions::what_was_answered_is_there_after_a_crash,
    claims::the_lowest_numbers_are_claimed_first,
    claims::each_claim_raises_the_fence,
    claims::children_and_suspects_are_claimed_by_number,
    claims::only_what_is_queued_is_claimed,
    claims::claims_of_other_sessions_expire,
    claims::claims_expire_with_the_time_of_their_session,
    claims::a_void_claim_changes_nothing_else,
    fences::an_old_fence_is_refused,
    fences::a_fence_holds_while_the_job_is_claimed,
    fences::what_is_over_is_not_written,
    fences::a_job_that_is_not_there_is_not_written,
    fences::what_is_claimed_is_written_with_its_fence_only,
    attempts::a_checkpoint_is_what_is_carried,
    attempts::another_attempt_begins_with_what_the_last_one_left,
    attempts::past_attempts_come_oldest_first,
    attempts::attempts_keep_what_they_ran_under,
    attempts::a_lost_attempt_makes_a_suspect,
    attempts::a_suspect_is_none_after_another_attempt,
    endings::an_outcome_comes_back_as_it_was,
    endings::what_stands_with_past_attempts_is_left_out,
    endings::a_job_ends_once,
    endings::a_queued_job_can_end,
    endings::ends_never_go_back_in_time,
    endings::a_retried_job_is_as_if_it_had_just_come,
    endings::a_retried_job_keeps_its_latest_attempt,
    endings::an_attempt_is_kept_once,
    endings::a_parallel_job_has_no_attempt_to_keep,
    endings::only_what_did_not_succeed_is_retried,
    endings::a_dropped_job_is_gone_with_its_children,
    endings::a_withdrawn_job_is_dropped,
    children::children_come_by_number,
    children::a_name_that_was_given_up_is_free,
    children::children_end_with_their_parents,
    children::a_parent_may_end_without_its_children,
    deliveries::outcomes_wait_in_the_order_of_their_ends,
    deliveries::an_outcome_is_delivered_once,
    deliveries::only_what_is_over_is_delivered,
    deliveries::an_outcome_may_be_delivered_with_its_end,
    deliveries::a_delivery_may_free_the_key,
    deliveries::a_retried_job_is_delivered_again,
    deliveries::retention_drops_what_nobody_needs,
    deliveries::retention_keeps_the_children_of_what_is_kept,
    batches::a_batch_is_applied_in_order,
    batches::refused_writes_stand_among_good_ones,
    batches::a_large_batch_is_one_batch,
    batches::cursors_change_with_the_jobs_of_their_batch,
    reads::the_latest_session_is_told,
    reads::the_keys_of_unfinished_singletons_are_told,
    reads::plugins_are_kept,
    reads::conditions_are_shared,
    reads::a_summary_counts_the_jobs_of_a_stream,
    reads::readers_see_what_was_committed,
    lists::the_newest_are_listed_first_in_pages,
    lists::a_listed_job_says_what_is_known,
    lists::each_filter_leaves_out_what_does_not_fit,
    lists::filters_hold_together,
}

/// Makes stores in memory.
pub(crate) struct InMemory(Option<MemoryStore>);

impl Maker for InMemory {
    fn make(&mut self) -> Box<dyn Store> {
        let store = self.0.insert(MemoryStore::new());
        Box::new(store.again())
    }

    fn reopen(&mut self, store: Box<dyn Store>) -> Box<dyn Store> {
        drop(store);
        let kept = self.0.as_ref().expect("one was made");
        Box::new(kept.again())
    }
}

mod memory {
    super::conforms!(super::InMemory(None));
}
