//! `#[gate]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, ItemFn, Result, ReturnType};

use crate::arguments::Arguments;
use crate::signature;

/// The glue of a gate.
pub(crate) fn expand(attr: TokenStream, function: &ItemFn) -> Result<TokenStream> {
    Arguments::parse(attr, "gate", &[])?;
    signature::check(function, "gate")?;
    if let Some(parameter) = function.sig.inputs.first() {
        return Err(Error::new_spanned(
            parameter,
            "`#[gate]` needs a function without parameters: read `host::config()` instead",
        ));
    }
    if matches!(function.sig.output, ReturnType::Default) {
        return Err(Error::new_spanned(
            &function.sig.ident,
            "`#[gate]` needs a function that returns `Option<Duration>`: how long to wait",
        ));
    }
    let called = &function.sig.ident;
    // On the span of what is returned, so that this is where a wrong type shows.
    let answer = quote_spanned! {function.sig.output.span()=>
        ::wodehost_guest::glue::Admission::pause(#called())
    };
    let wire = quote!(::std::option::Option<u64>);
    Ok(quote! {
        const _: () = {
            struct WodehostPlugin;

            impl ::wodehost_guest::bindings::gate::Guest for WodehostPlugin {
                fn admit() -> #wire {
                    ::wodehost_guest::glue::admit(|| #answer)
                }
            }

            // Used natively, too, where there is no export that would use it.
            const _: fn() -> #wire =
                <WodehostPlugin as ::wodehost_guest::bindings::gate::Guest>::admit;

            #[cfg(target_arch = "wasm32")]
            ::wodehost_guest::bindings::gate::export_gate!(
                WodehostPlugin with_types_in ::wodehost_guest::bindings::gate
            );
        };
    })
}
