//! A stable merge sort whose comparisons can wait.
//!
//! The sort of `std` cannot await a guest that compares, and it may panic when
//! the answers contradict each other, which a guest's may. This one sorts
//! indexes; it knows neither the elements nor who compares them. It never
//! yields by itself: who answers without waiting, many times, should.

/// Who says which element comes first.
pub(crate) trait Before {
    /// Why there is no answer; ends the sort.
    type Error;

    /// Whether element `a` is to stand before element `b`. For two that may
    /// stand either way the answer is no, and they stay in their order.
    fn before(
        &mut self,
        a: usize,
        b: usize,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;
}

/// The indexes `0..len` in the order that `before` gives them.
///
/// Asks at most `len * log2(len)` times, whatever the answers, one question
/// after the other. Answers that contradict each other give some permutation.
/// The first error ends it.
///
/// Runs of 1, 2, 4 … indexes are merged in pairs, between two buffers and
/// without recursion, because a future that recurses has to be boxed. The last
/// run may be short, and the bound holds nevertheless: merging `m` indexes asks
/// at most `m - 1` times, which makes `k * 2^k - 2^k + 1` for a length of `2^k`,
/// and the rest of `r <= 2^k` indexes adds, by induction, `r * log2(r)` of its
/// own and `2^k + r - 1` for the last merge. The sum, `k * 2^k + r * log2(2r)`,
/// is less than `(2^k + r) * log2(2^k + r)`.
pub(crate) async fn merge_sort<B: Before>(
    len: usize,
    before: &mut B,
) -> Result<Vec<usize>, B::Error> {
    let mut order: Vec<usize> = (0..len).collect();
    let mut merged = Vec::with_capacity(len);
    let mut width = 1_usize;
    while width < len {
        let both = width.saturating_mul(2);
        merged.clear();
        for runs in order.chunks(both) {
            let (left, right) = runs.split_at(width.min(runs.len()));
            merge(left, right, &mut merged, before).await?;
        }
        std::mem::swap(&mut order, &mut merged);
        width = both;
    }
    Ok(order)
}

/// Appends both runs, merged. The right one was behind the left one, so its
/// first goes ahead only if it is to stand before the left one's.
async fn merge<B: Before>(
    mut left: &[usize],
    mut right: &[usize],
    merged: &mut Vec<usize>,
    before: &mut B,
) -> Result<(), B::Error> {
    while let (&[first_left, ref rest_left @ ..], &[first_right, ref rest_right @ ..]) =
        (left, right)
    {
        if before.before(first_right, first_left).await? {
            merged.push(first_right);
            right = rest_right;
        } else {
            merged.push(first_left);
            left = rest_left;
        }
    }
    merged.extend_from_slice(left);
    merged.extend_from_slice(right);
    Ok(())
}

#[cfg(test)]
mod tests;
