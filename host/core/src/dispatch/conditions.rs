//! What the attempts of a job run under, written down so that one can be run again.
//!
//! Of the host's variables that a plugin may see only the names are written: what is in them
//! may be a secret, and a store is kept for long.

use crate::plugin::{Grants, Plugin};
use crate::sandbox::Profile;
use crate::store::Conditions;
use crate::task::{JobOptions, Recorded};
use crate::value::Value;

/// The conditions of jobs of this plugin with these options.
pub(super) fn of(plugin: &Plugin, options: &JobOptions) -> Conditions {
    Conditions::new(Value::map([
        ("worker", Value::from(plugin.name())),
        ("plugin", Value::from(plugin.digest().to_string())),
        ("profile", profile(plugin.profile())),
        ("options", options.to_value()),
        ("config", plugin.config().clone()),
        ("grants", grants(plugin.grants())),
    ]))
}

/// The word, and what deterministic jobs begin with.
fn profile(profile: Profile) -> Value {
    let word = Value::from(profile.as_str());
    match profile.recorded() {
        None => word,
        Some(Recorded { start_ms, seed }) => {
            Value::array(&[word, Value::from(start_ms), Value::from(seed)])
        }
    }
}

fn grants(grants: &Grants) -> Value {
    let texts = |texts: Vec<String>| {
        let texts: Vec<Value> = texts.into_iter().map(Value::from).collect();
        Value::array(&texts)
    };
    let folders = |folders: &[crate::plugin::Folder]| {
        let folders = folders.iter();
        texts(
            folders
                .map(|f| format!("{}::{}", f.host.display(), f.guest))
                .collect(),
        )
    };
    let names = grants.env.iter().map(|(name, _)| name.clone()).collect();
    let rules = grants.net.iter().map(ToString::to_string).collect();
    Value::map([
        ("read", folders(&grants.read)),
        ("write", folders(&grants.write)),
        ("env", texts(names)),
        ("net", texts(rules)),
        ("submit", texts(grants.submit.clone())),
    ])
}
