//! `wodehost jobs list`: which jobs there are.

use crate::config::Look;
use crate::error::Error;
use crate::exit::Exit;
use crate::jobs::SCHEMA;
use crate::jobs::filter::FilterFlags;
use crate::jobs::looking::{Looking, StoreFlag, now_ms, store_error};
use crate::jobs::row;
use crate::output::{Encoding, Records};
use crate::printer;
use std::fmt::Write as _;
use wodehost::store::{Listed, Page, Summary};
use wodehost::{JobId, Value};

/// Wider than any line: nothing is cut.
const ROOM: usize = 4096;

/// Flags of `jobs list`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  wodehost jobs list --store jobs.db\n  wodehost jobs list --store jobs.db --dead --reason 'trap:*' --since 1d -o jsonl\n\n\
    The last line counts all jobs of the store, or of the stream, whatever the other filters are."
)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    store: StoreFlag,
    /// How many, at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Only jobs that are older than this one: the next page
    #[arg(long, value_name = "ID")]
    below: Option<JobId>,
    /// How to print it: human, json or jsonl [default: human]
    #[arg(short, long, value_name = "FORMAT", hide_possible_values = true)]
    output: Option<Form>,
    #[command(flatten)]
    filter: FilterFlags,
}

/// How a list is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    Human,
    Json,
    Jsonl,
}

impl From<Look> for Form {
    fn from(look: Look) -> Form {
        match look {
            Look::Human => Form::Human,
            Look::Json => Form::Json,
        }
    }
}

/// What is shown.
struct Shown {
    jobs: Vec<(JobId, Listed)>,
    /// How many there are in all.
    all: Summary,
    /// There are more: what the next page begins with is below this one.
    next: Option<JobId>,
}

/// Runs it.
pub(crate) fn run(args: &ListArgs, user: Option<Look>) -> Result<Exit, Error> {
    let mut looking = Looking::at(&args.store)?;
    let filter = args.filter.filter(&looking)?;
    let below = args.below.map(|below| looking.number(below)).transpose()?;
    let limit = args.limit as usize;
    let page = Page {
        below: below.unwrap_or(u64::MAX),
        most: limit + 1,
    };
    let mut listed = looking.page(&filter, page)?;
    let has_more = listed.len() > limit;
    listed.truncate(limit);
    let all = looking.reader.summary(args.filter.stream());
    let jobs: Vec<_> = listed
        .into_iter()
        .map(|job| (looking.id(job.number), job))
        .collect();
    let shown = Shown {
        next: jobs.last().map(|(id, _)| *id).filter(|_| has_more),
        all: all.map_err(|e| store_error(&e))?,
        jobs,
    };
    let form = args.output.or(user.map(Form::from));
    match form.unwrap_or(Form::Human) {
        Form::Human => printer::report(&human(&shown, now_ms(), printer::stdout_columns()))?,
        Form::Json => {
            let text = json(&shown).to_json_pretty();
            printer::data(format!("{text}\n").as_bytes())?;
        }
        Form::Jsonl => {
            let mut records = Records::new(Encoding::Jsonl);
            for (id, job) in &shown.jobs {
                records.put(&row::line(*id, job))?;
            }
            records.finish()?;
        }
    }
    Ok(Exit::Success)
}

fn human(shown: &Shown, now_ms: u64, columns: Option<usize>) -> String {
    let mut text = String::new();
    if !shown.jobs.is_empty() {
        text = row::table(&shown.jobs, now_ms, columns.unwrap_or(ROOM));
        text.push('\n');
    }
    text.push_str(&row::summary(&shown.all));
    if let Some(next) = shown.next {
        let _ = write!(text, "; more with `--below {next}`");
    }
    text.push('\n');
    text
}

fn json(shown: &Shown) -> Value {
    let jobs: Vec<Value> = shown
        .jobs
        .iter()
        .map(|(id, job)| row::value(*id, job))
        .collect();
    let next = shown.next.map(|next| Value::from(next.to_string()));
    Value::map([
        ("schema", Value::from(SCHEMA)),
        ("jobs", Value::array(&jobs)),
        ("next", next.unwrap_or_else(Value::nil)),
        ("summary", row::summary_value(&shown.all)),
    ])
}
