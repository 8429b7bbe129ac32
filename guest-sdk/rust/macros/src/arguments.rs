//! What stands in an attribute's parentheses: `key = path, …`.

use proc_macro2::TokenStream;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Error, Expr, MetaNameValue, Path, Result, Token};

/// The functions named in an attribute.
pub(crate) struct Arguments {
    named: Vec<(String, Path)>,
}

impl Arguments {
    /// Parses the attribute of `#[macro_name(…)]`, which knows `keys`.
    pub(crate) fn parse(attr: TokenStream, macro_name: &str, keys: &[&str]) -> Result<Self> {
        let pairs = Punctuated::<MetaNameValue, Token![,]>::parse_terminated.parse2(attr)?;
        let mut named: Vec<(String, Path)> = Vec::new();
        for pair in pairs {
            let key = pair.path.get_ident().map(ToString::to_string);
            let Some(key) = key.filter(|key| keys.contains(&key.as_str())) else {
                return Err(Error::new_spanned(&pair.path, known(macro_name, keys)));
            };
            if named.iter().any(|(other, _)| *other == key) {
                return Err(Error::new_spanned(
                    &pair.path,
                    format!("`{key}` is given twice"),
                ));
            }
            let Expr::Path(path) = pair.value else {
                return Err(Error::new_spanned(
                    &pair.value,
                    format!("`{key}` takes the name of a function"),
                ));
            };
            named.push((key, path.path));
        }
        Ok(Self { named })
    }

    /// The function given for `key`.
    pub(crate) fn get(&self, key: &str) -> Option<&Path> {
        let found = self.named.iter().find(|(other, _)| other == key);
        found.map(|(_, path)| path)
    }
}

fn known(macro_name: &str, keys: &[&str]) -> String {
    if keys.is_empty() {
        return format!("`#[{macro_name}]` takes no arguments");
    }
    let keys: Vec<String> = keys
        .iter()
        .map(|key| format!("`{key} = function`"))
        .collect();
    format!("`#[{macro_name}]` takes {}", keys.join(" and "))
}
