//! Whom a flag is meant for: `--allow-read list=samples`, `--set scale.size=160`.
//! Where there is only one plugin, it need not be named.

use super::file::Count;
use super::plain;
use super::roster::{Spec, is_name};
use super::source::{Source, Sourced};
use crate::error::{Error, did_you_mean, nearest};
use crate::flags::PluginFlags;
use std::path::Path;
use wodehost::Value;
use wodehost::plugin::{Folder, NetRule};

/// Gives flags to the plugins that they are meant for.
pub(crate) struct Addressees<'a> {
    pub(crate) flags: &'a PluginFlags,
    pub(crate) specs: &'a mut [Spec],
}

/// Whether `HOST[::/GUEST]` is there as it is written, `=` and all.
fn is_there(text: &str) -> bool {
    let host = text.split_once("::").map_or(text, |(host, _)| host);
    Path::new(host).exists()
}

impl Addressees<'_> {
    /// Gives the flags to their plugins that let them submit jobs to others.
    pub(crate) fn allow_submits(&mut self) -> Result<(), Error> {
        for text in &self.flags.allow_submit {
            let (spec, worker) = self.meant("--allow-submit", text)?;
            let worker = Sourced::new(worker.to_owned(), Source::Flag("allow-submit"));
            spec.says.submit.push(worker);
        }
        Ok(())
    }

    /// Gives each other flag to its plugin.
    pub(crate) fn apply(&mut self) -> Result<(), Error> {
        let flags = self.flags;
        for text in &flags.allow_read {
            let (spec, folder) = self.folder("allow-read", text)?;
            spec.says.read.push(folder);
        }
        for text in &flags.allow_write {
            let (spec, folder) = self.folder("allow-write", text)?;
            spec.says.write.push(folder);
        }
        for text in &flags.allow_env {
            let (spec, name) = self.meant("--allow-env", text)?;
            let name = Sourced::new(name.to_owned(), Source::Flag("allow-env"));
            spec.says.env.push(name);
        }
        for text in &flags.allow_net {
            let (spec, rule) = self.meant("--allow-net", text)?;
            let rule =
                NetRule::parse(rule).map_err(|e| Error::usage(format!("--allow-net: {e}")))?;
            spec.says
                .net
                .push(Sourced::new(rule, Source::Flag("allow-net")));
        }
        for text in &flags.max_running {
            let (spec, count) = self.meant("--max-running", text)?;
            let count = match Count::parse(count) {
                Ok(Count::Of(count)) => Some(Sourced::new(count, Source::Flag("max-running"))),
                Ok(Count::Auto) => None,
                Err(why) => return Err(Error::usage(format!("--max-running: {why}"))),
            };
            spec.says.running_max = count;
        }
        flags.set.iter().try_for_each(|text| self.set(text))
    }

    fn folder(
        &mut self,
        flag: &'static str,
        text: &str,
    ) -> Result<(&mut Spec, Sourced<Folder>), Error> {
        let (spec, folder) = self.meant(&format!("--{flag}"), text)?;
        let folder = Folder::parse(folder, Path::new(""))
            .map_err(|e| Error::usage(format!("--{flag}: {e}")))?;
        Ok((spec, Sourced::new(folder, Source::Flag(flag))))
    }

    /// The plugin that `[PLUGIN=]REST` is meant for, and the rest.
    fn meant<'t>(&mut self, flag: &str, text: &'t str) -> Result<(&mut Spec, &'t str), Error> {
        if let Some((name, rest)) = text.split_once('=')
            && let Some(place) = self.specs.iter().position(|s| s.name == name)
        {
            return Ok((&mut self.specs[place], rest));
        }
        if let Some((name, _)) = text.split_once('=')
            && is_name(name)
            && !is_there(text)
        {
            return Err(self.unknown(name));
        }
        if self.specs.len() != 1 {
            return Err(self.whose(flag, text, '='));
        }
        Ok((&mut self.specs[0], text))
    }

    fn names(&self) -> Vec<&str> {
        self.specs.iter().map(|s| s.name.as_str()).collect()
    }

    /// A flag for a plugin that is not there.
    fn unknown(&self, name: &str) -> Error {
        let names = self.names();
        let near = nearest(name, names.iter().copied());
        let verb = if names.len() == 1 { "is" } else { "are" };
        Error::usage(format!("no plugin is called `{name}`"))
            .because(format!("there {verb} {}", names.join(", ")))
            .hint_if(did_you_mean(near))
    }

    /// A flag that does not say which of several plugins it is meant for.
    fn whose(&self, flag: &str, text: &str, mark: char) -> Error {
        let names = self.names();
        Error::usage(format!("`{flag} {text}` does not say for which plugin"))
            .because(format!("the plugins here are {}", names.join(", ")))
            .hint(format!(
                "write `{flag} {}{mark}…`",
                names.first().unwrap_or(&"NAME")
            ))
    }

    fn set(&mut self, text: &str) -> Result<(), Error> {
        let (path, value) = plain::assignment(text)?;
        let named = self
            .specs
            .iter()
            .position(|s| Some(&s.name.as_str()) == path.first());
        let (place, path) = match named {
            Some(place) if path.len() > 1 => (place, &path[1..]),
            _ if self.specs.len() == 1 => (0, path.as_slice()),
            None if path.len() > 1 => return Err(self.unknown(path.first().unwrap_or(&""))),
            _ => return Err(self.whose("--set", text, '.')),
        };
        let spec = &mut self.specs[place];
        let Some((key, rest)) = path.split_first() else {
            return Ok(());
        };
        let source = Source::Flag("set");
        let config = &mut spec.says.config;
        if let Some((_, old)) = config.iter_mut().find(|(k, _)| k == key) {
            *old = Sourced::new(plain::with(&old.value, rest, value), source);
        } else {
            let value = plain::with(&Value::empty_map(), rest, value);
            config.push(((*key).to_owned(), Sourced::new(value, source)));
        }
        Ok(())
    }
}
