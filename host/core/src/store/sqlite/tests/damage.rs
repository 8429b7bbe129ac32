//! Bits that flip on the disk: noticed, or harmless; never another value, and nothing is
//! deleted.

use super::super::place::beside;
use super::super::read::SqliteReader;
use super::arbitrary::Draw;
use super::*;
use crate::plugin::Digest;
use crate::store::{ChildName, Fault, Filter, Page, Parent, Standing};
use crate::task::Status;
use std::fmt::Debug;

/// Places of a page whose bits are flipped.
const FLIPS: usize = 12;

/// The highest number.
const LAST: u64 = 40;

const PAGE: usize = 4096;

/// A store with rows of every kind.
fn everything() -> Place {
    let place = Place::new();
    let mut store = place.open();
    let claim = begin(&mut store);
    let mut draw = Draw(17);
    let plugin = Write::Plugin {
        digest: Digest::of(b"plugin"),
        bytes: b"plugin".as_slice().into(),
    };
    let cursor = Write::Cursor {
        name: "producer".into(),
        value: Value::from("goes on from here"),
    };
    let mut batch = vec![plugin, cursor];
    for number in 1..=LAST {
        let parent = Parent {
            number: 1,
            name: match number % 3 {
                0 => ChildName::Item(number as u32),
                1 => ChildName::Ordinal(number as u32),
                _ => ChildName::Key(format!("child {number}").into()),
            },
        };
        let key = match number % 3 {
            0 => Key::Place(number),
            _ => Key::Text(format!("key {number}").into()),
        };
        batch.push(submit(NewJob {
            key: (number % 2 == 0).then_some(key),
            parent: (number > 30).then_some(parent),
            worker: format!("worker {}", number % 4).into(),
            singleton: (number % 5 == 0).then(|| format!("single {number}").into()),
            group: (number % 7 == 0).then(|| "group".into()),
            value: Value::bin(&vec![number as u8; if number == 9 { 9_000 } else { 60 }]),
            said: Value::map([("retries", Value::from(number))]),
            ..job(number, (number % 4 != 0).then_some(claim))
        }));
    }
    for number in [5, 6, 7] {
        let past = PastAttempt {
            state: Some(Value::from("carried")),
            ..draw.past()
        };
        batch.push(Write::Again {
            number,
            fence: 1,
            past: Box::new(past),
        });
    }
    batch.push(Write::Lost {
        number: 8,
        past: Box::new(draw.past()),
    });
    batch.push(Write::Rename { number: 31 });
    commit(&mut store, &batch);
    let mut ends = Vec::new();
    for number in (9..=LAST).filter(|number| number % 4 != 0) {
        let host = store.id();
        let drawn = draw.outcome(JobId { host, number }, 1, false);
        let ended = match number % 3 {
            0 => drawn,
            _ => outcome(&store, number, Reason::Returned),
        };
        ends.push(finish(ended, 1000 + number));
        if number % 2 == 0 || number > 20 {
            ends.push(deliver(number));
        }
    }
    commit(&mut store, &ends);
    drop(store);
    std::fs::remove_file(beside(&place.file(), "-lock")).unwrap();
    place
}

/// What a store answers to a question, as text.
type Answers = Vec<(String, std::result::Result<String, Fault>)>;

fn ask<T: Debug>(
    answers: &mut Answers,
    question: String,
    answer: std::result::Result<T, StoreError>,
) {
    let answer = answer.map(|answer| format!("{answer:?}"));
    answers.push((question, answer.map_err(|error| error.fault)));
}

/// All that can be asked of it.
fn all_answers(reader: &mut dyn Reader) -> Answers {
    let mut all = Vec::new();
    for number in 0..=LAST + 1 {
        ask(&mut all, format!("find {number}"), reader.find(number));
        ask(&mut all, format!("past {number}"), reader.past(number));
        for key in [
            Key::Place(number),
            Key::Text(format!("key {number}").into()),
        ] {
            ask(
                &mut all,
                format!("{key:?}"),
                reader.find_key("map/double", &key),
            );
        }
    }
    ask(&mut all, "children".to_owned(), reader.children(1));
    ask(&mut all, "next".to_owned(), reader.next_number());
    ask(
        &mut all,
        "claimed".to_owned(),
        reader.claimed_by_others(SessionId(9)),
    );
    ask(&mut all, "suspects".to_owned(), reader.suspects());
    ask(&mut all, "singletons".to_owned(), reader.singletons());
    let undelivered = reader.undelivered("map/double", None, 100);
    ask(&mut all, "undelivered".to_owned(), undelivered);
    ask(&mut all, "cursor".to_owned(), reader.cursor("producer"));
    let digest = conditions("double").digest();
    ask(&mut all, "conditions".to_owned(), reader.conditions(digest));
    ask(
        &mut all,
        "plugin".to_owned(),
        reader.plugin(Digest::of(b"plugin")),
    );
    ask(&mut all, "session".to_owned(), reader.session());
    ask(&mut all, "summary".to_owned(), reader.summary(None));
    ask(
        &mut all,
        "stream".to_owned(),
        reader.summary(Some("map/double")),
    );
    let filters = [
        Filter::default(),
        Filter {
            states: vec![Standing::Queued, Standing::Undelivered],
            ..Filter::default()
        },
        Filter {
            statuses: vec![Status::Failure, Status::Timeout],
            ..Filter::default()
        },
        Filter {
            worker: Some("worker 1".to_owned()),
            ..Filter::default()
        },
        Filter {
            group: Some("group".to_owned()),
            ..Filter::default()
        },
        Filter {
            parent: Some(1),
            ..Filter::default()
        },
    ];
    let page = Page {
        below: u64::MAX,
        most: 100,
    };
    for filter in filters {
        ask(&mut all, format!("{filter:?}"), reader.list(&filter, page));
    }
    all
}

/// Flips bits all over a file, one after the other.
fn each_flip(whole: &[u8], mut look: impl FnMut(&str, &[u8])) {
    let mut draw = Draw(4711);
    let mut flipped = whole.to_vec();
    for page in 0..whole.len() / PAGE {
        let mut places: Vec<usize> = (0..FLIPS).map(|_| draw.below(PAGE)).collect();
        // Headers are short, and rows stand at the end.
        places.extend((0..FLIPS / 2).map(|_| draw.below(16)));
        places.extend((0..FLIPS).map(|_| PAGE - 1 - draw.below(400)));
        if page == 0 {
            places.extend(0..100);
        }
        for place in places {
            let place = page * PAGE + place;
            let bit = 1 << draw.below(8);
            flipped[place] ^= bit;
            look(&format!("byte {place}, bit {bit}"), &flipped);
            flipped[place] ^= bit;
        }
    }
}

#[test]
fn a_flipped_bit_is_noticed_or_harmless() {
    let place = everything();
    let whole = std::fs::read(place.file()).unwrap();
    let expected = all_answers(&mut *SqliteStore::read_only(place.file()).unwrap());
    assert!(expected.iter().all(|(_, answer)| answer.is_ok()));
    let copy = Place::new();
    let (mut refused, mut noticed, mut harmless) = (0, 0, 0);
    each_flip(&whole, |what, flipped| {
        std::fs::write(copy.file(), flipped).unwrap();
        let before = copy.files();
        let store = match SqliteStore::open(copy.file()) {
            Ok(store) => store,
            Err(error) => {
                refused += 1;
                assert_ne!(error.fault, Fault::Internal, "{what}: {error}");
                assert_eq!(copy.files(), before, "{what}");
                return;
            }
        };
        let answers = all_answers(&mut *store.reader().unwrap());
        for (found, expected) in answers.iter().zip(&expected) {
            match found {
                (_, Ok(_)) => assert_eq!(found, expected, "{what}"),
                (question, Err(fault)) => assert_eq!(*fault, Fault::Corrupt, "{what}: {question}"),
            }
        }
        if answers.iter().any(|(_, answer)| answer.is_err()) {
            noticed += 1;
        } else {
            harmless += 1;
        }
        drop(store);
        std::fs::remove_file(beside(&copy.file(), "-lock")).unwrap();
    });
    let counts = (refused, noticed, harmless);
    assert!(refused > 100 && noticed > 50 && harmless > 50, "{counts:?}");
}

/// Jobs that are read as other jobs than they were, by one who looks at the sums, or not.
fn wrong_jobs(checks: bool) -> usize {
    let place = everything();
    let whole = std::fs::read(place.file()).unwrap();
    let mut reader = SqliteReader::alone(&place.file()).unwrap();
    let expected: Vec<Option<Entry>> = (1..=LAST).map(|n| reader.find(n).unwrap()).collect();
    let copy = Place::new();
    let mut wrong = 0;
    each_flip(&whole, |_, flipped| {
        std::fs::write(copy.file(), flipped).unwrap();
        let Ok(reader) = SqliteReader::alone(&copy.file()) else {
            return;
        };
        let mut reader = if checks { reader } else { reader.unchecked() };
        for (number, expected) in (1..).zip(&expected) {
            // A job that is not found is noticed by those who look through the whole file.
            if let Ok(Some(found)) = reader.find(number)
                && Some(&found) != expected.as_ref()
            {
                wrong += 1;
            }
        }
    });
    wrong
}

// Also where nobody looked through the file before.
#[test]
fn no_job_is_read_as_another_one() {
    assert_eq!(wrong_jobs(true), 0);
}

// The test above can fail: without the sums it does.
#[test]
fn without_sums_jobs_are_read_as_others() {
    assert!(wrong_jobs(false) > 10);
}

#[test]
fn damage_beside_the_log_of_a_dead_host_is_left_as_it_is() {
    let place = Place::new();
    let mut store = place.open();
    run_jobs(&mut store, 1, 500);
    super::super::keep::empty_log(&store.conn).unwrap();
    commit(&mut store, &[submit(job(501, None))]);
    let copy = Place::new();
    for ending in ["", "-wal"] {
        std::fs::copy(beside(&place.file(), ending), beside(&copy.file(), ending)).unwrap();
    }
    let whole = std::fs::read(copy.file()).unwrap();
    std::fs::write(copy.file(), &whole[..whole.len() / 2]).unwrap();
    let before = copy.files();
    let error = refused(&copy.file());
    assert_eq!(error.fault, Fault::Corrupt, "{error}");
    assert_eq!(copy.files(), before);
    // It can be mended.
    std::fs::write(copy.file(), &whole).unwrap();
    let store = copy.open();
    assert_eq!(store.reader().unwrap().next_number().unwrap(), 502);
}

#[test]
fn a_job_that_is_missing_is_noticed() {
    let place = everything();
    let conn = rusqlite::Connection::open(place.file()).unwrap();
    conn.execute("DELETE FROM job WHERE number = 12", [])
        .unwrap();
    conn.close().unwrap();
    let error = refused(&place.file());
    assert_eq!(error.fault, Fault::Corrupt);
    assert_eq!(error.what, "jobs are missing, or have come to harm");
}
