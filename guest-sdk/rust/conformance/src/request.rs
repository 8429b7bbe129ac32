//! Requests: a map with `do` and, in most cases, `with`.

use rmpv::Value;
use wodehost_guest::Failure;

/// What a job asks for.
pub(crate) struct Request {
    pub(crate) what: String,
    /// Nil where the job has none.
    pub(crate) with: Value,
}

impl Request {
    /// Reads a job.
    pub(crate) fn read(job: Value) -> Result<Request, Failure> {
        let Value::Map(entries) = job else {
            return Err(bad("a request is a map"));
        };
        let (mut what, mut with) = (None, Value::Nil);
        for (key, value) in entries {
            match key.as_str() {
                Some("do") => what = value.as_str().map(str::to_owned),
                Some("with") => with = value,
                Some(_) | None => (),
            }
        }
        let what = what.ok_or_else(|| bad("a request has a text `do`"))?;
        Ok(Request { what, with })
    }

    /// The bytes to return as they are, where that is asked for.
    pub(crate) fn raw(&self) -> Option<Vec<u8>> {
        let bytes = (self.what == "raw").then_some(&self.with)?;
        bytes.as_slice().map(<[u8]>::to_vec)
    }

    /// `with` as a number.
    pub(crate) fn number(&self) -> Result<u64, Failure> {
        let number = self.with.as_u64();
        number.ok_or_else(|| bad(&format!("`{}` comes with a number", self.what)))
    }

    /// `with` as a text.
    pub(crate) fn text(&self) -> Result<&str, Failure> {
        let text = self.with.as_str();
        text.ok_or_else(|| bad(&format!("`{}` comes with a text", self.what)))
    }

    /// `with` as an array.
    pub(crate) fn items(&self) -> Result<&[Value], Failure> {
        let items = self.with.as_array().map(Vec::as_slice);
        items.ok_or_else(|| bad(&format!("`{}` comes with an array", self.what)))
    }
}

/// A job that is no request.
pub(crate) fn bad(why: &str) -> Failure {
    Failure::code("bad-request", why)
}

/// `{"do": what, "with": with}`.
pub(crate) fn request(what: &str, with: Value) -> Value {
    Value::Map(vec![("do".into(), what.into()), ("with".into(), with)])
}

/// The answer where the host gave an error, or nil.
pub(crate) fn refused(result: Result<(), Failure>) -> Value {
    match result {
        Ok(()) => Value::Nil,
        Err(refused) => Value::Map(vec![("refused".into(), refused.message().into())]),
    }
}
