//! `#[producer]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, ItemFn, Result, ReturnType};

use crate::arguments::Arguments;
use crate::signature::{self, Returns};

/// The glue of a producer.
pub(crate) fn expand(attr: TokenStream, function: &ItemFn) -> Result<TokenStream> {
    Arguments::parse(attr, "producer", &[])?;
    signature::check(function, "producer")?;
    if let Some(parameter) = function.sig.inputs.first() {
        return Err(Error::new_spanned(
            parameter,
            "`#[producer]` needs a function without parameters: read `host::config()` instead",
        ));
    }
    if matches!(function.sig.output, ReturnType::Default) {
        return Err(Error::new_spanned(
            &function.sig.ident,
            "`#[producer]` needs a function that returns an iterator over `Dispatch`",
        ));
    }
    let called = &function.sig.ident;
    let returned = function.sig.output.span();
    let start = match Returns::of(function) {
        Returns::Result => quote_spanned! {returned=>
            ::wodehost_guest::glue::boxed_or_fail(#called())
        },
        Returns::Plain | Returns::Never => quote_spanned! {returned=>
            ::std::result::Result::Ok(::wodehost_guest::glue::boxed(#called()))
        },
    };
    let dispatch = quote!(::wodehost_guest::bindings::wit::types::Dispatch);
    let answer = quote! {
        ::std::result::Result<::std::option::Option<#dispatch>, ::std::vec::Vec<u8>>
    };
    Ok(quote! {
        const _: () = {
            struct WodehostPlugin;

            impl ::wodehost_guest::bindings::producer::Guest for WodehostPlugin {
                fn next() -> #answer {
                    ::wodehost_guest::glue::next(|| #start)
                }
            }

            // Used natively, too, where there is no export that would use it.
            const _: fn() -> #answer =
                <WodehostPlugin as ::wodehost_guest::bindings::producer::Guest>::next;

            #[cfg(target_arch = "wasm32")]
            ::wodehost_guest::bindings::producer::export_producer!(
                WodehostPlugin with_types_in ::wodehost_guest::bindings::producer
            );
        };
    })
}
