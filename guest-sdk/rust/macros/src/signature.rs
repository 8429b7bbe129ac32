//! What the macros need to know about a function.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Error, FnArg, Ident, ItemFn, Pat, PatType, Result, ReturnType, Type};

/// A variable of the generated code. Without this span it would hide a function
/// of the same name, and generated code calls functions by the names they have.
pub(crate) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// Refuses what none of the macros can call.
pub(crate) fn check(function: &ItemFn, macro_name: &str) -> Result<()> {
    let signature = &function.sig;
    let refuse = |span, what: &str| Err(Error::new(span, format!("`#[{macro_name}]` {what}")));
    if let Some(token) = &signature.asyncness {
        return refuse(
            token.span(),
            "needs a plain function: guests block, the host does not",
        );
    }
    if let Some(token) = &signature.unsafety {
        return refuse(token.span(), "needs a safe function");
    }
    if let Some(abi) = &signature.abi {
        return refuse(abi.span(), "makes the export itself: leave `extern` out");
    }
    let mut generics = signature.generics.params.iter();
    if let Some(generic) = generics.find(|param| !matches!(param, syn::GenericParam::Lifetime(_))) {
        return refuse(
            generic.span(),
            "needs concrete types, so the function cannot be generic",
        );
    }
    Ok(())
}

/// The parameters; `self` is refused.
pub(crate) fn parameters<'f>(function: &'f ItemFn, macro_name: &str) -> Result<Vec<&'f PatType>> {
    let inputs = function.sig.inputs.iter();
    inputs
        .map(|input| match input {
            FnArg::Typed(parameter) => Ok(parameter),
            FnArg::Receiver(receiver) => Err(Error::new_spanned(
                receiver,
                format!("`#[{macro_name}]` needs a function outside of an `impl`"),
            )),
        })
        .collect()
}

/// How an error message calls a parameter: by its name, without the underscore
/// that says it is unused; a pattern goes by its position.
pub(crate) fn name(parameter: &PatType, position: usize) -> String {
    if let Pat::Ident(pattern) = &*parameter.pat {
        return bare(&pattern.ident);
    }
    format!("{}", position + 1)
}

fn bare(ident: &Ident) -> String {
    let text = ident.to_string();
    let text = text.strip_prefix("r#").unwrap_or(&text);
    text.trim_start_matches('_').to_owned()
}

/// What a function returns, as far as its spelling says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returns {
    /// `!`
    Never,
    /// `Result<…>`, under whatever path.
    Result,
    /// Anything else, or nothing.
    Plain,
}

impl Returns {
    pub(crate) fn of(function: &ItemFn) -> Self {
        match &function.sig.output {
            ReturnType::Default => Self::Plain,
            ReturnType::Type(_, returned) => Self::of_type(returned),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "syn's enum of types is open"
    )]
    fn of_type(returned: &Type) -> Self {
        match returned {
            Type::Never(_) => Self::Never,
            Type::Paren(inner) => Self::of_type(&inner.elem),
            Type::Group(inner) => Self::of_type(&inner.elem),
            Type::Path(path) => match path.path.segments.last() {
                Some(last) if last.ident == "Result" => Self::Result,
                Some(_) | None => Self::Plain,
            },
            _ => Self::Plain,
        }
    }
}
