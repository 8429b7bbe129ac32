//! Values of several shapes.

use serde_json::{Value as Json, json};

/// What it is called, and the value.
pub(crate) type Sample = (&'static str, Json);

/// Values that JSON has, too.
pub(crate) fn samples() -> Vec<Sample> {
    vec![
        ("100 floats", (0..100).map(float).collect()),
        ("100 nested maps", (0..100).map(order).collect()),
        ("10,000 small integers", (0..10_000).map(small).collect()),
        ("10,000 integers", (0..10_000).map(integer).collect()),
        ("100 texts", (0..100).map(text).collect()),
    ]
}

fn float(n: u32) -> Json {
    (f64::from(n).sqrt() - 5.0).into()
}

/// What many a web service answers with.
fn order(n: u32) -> Json {
    json!({
        "id": n * 7919,
        "customer": {
            "name": format!("Customer No. {n}"),
            "address": {"street": "12 Bramley End", "city": "Market Snodsbury", "zip": "WR11"},
        },
        "lines": [
            {"article": "umbrella", "price": 12.5, "count": 1},
            {"article": "silver cow creamer", "price": f64::from(n) + 0.99, "count": n % 5},
        ],
        "paid": n.is_multiple_of(3),
        "note": null,
    })
}

/// One byte each.
fn small(n: i64) -> Json {
    (n % 160 - 32).into()
}

/// Of one to nine bytes, in no order.
fn integer(n: i64) -> Json {
    // Knuth's multiplier: any mixture will do.
    let mixed = (n + 1).wrapping_mul(6_364_136_223_846_793_005);
    (mixed >> (mixed & 63)).into()
}

/// Half a kilobyte each, of which some has to be escaped in JSON.
fn text(n: u32) -> Json {
    let line = "»Very good, sir«, he said, and \"shimmered\" out.\n\tThe café was closed.";
    format!("{n}: {}", line.repeat(7)).into()
}
