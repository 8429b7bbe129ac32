//! `#[consumer]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, ItemFn, PatType, Path, Result, Type};

use crate::arguments::Arguments;
use crate::signature::{self, local};

/// The glue of a consumer.
pub(crate) fn expand(attr: TokenStream, function: &ItemFn) -> Result<TokenStream> {
    let arguments = Arguments::parse(attr, "consumer", &["finish", "on_emit"])?;
    signature::check(function, "consumer")?;
    let parameters = signature::parameters(function, "consumer")?;
    let state = parameters
        .first()
        .and_then(|parameter| state_type(parameter));
    if parameters.len() != 2 + usize::from(state.is_some()) {
        return Err(Error::new_spanned(
            &function.sig.ident,
            "`#[consumer]` needs a function with the parameters `job` and `outcome: Outcome`, \
             with or without `state: &mut S` before them",
        ));
    }
    let (job, outcome) = (local("job"), local("outcome"));
    let kept = state.map(keep);
    let consume = call(
        &function.sig.ident.clone().into(),
        state,
        &["job", "outcome"],
    );
    let on_emit = arguments
        .get("on_emit")
        .map(|path| on_emit(&call(path, state, &["emitted"])));
    let finish = arguments
        .get("finish")
        .map(|path| finish(&call(path, state, &[])));
    let wire = quote!(::wodehost_guest::bindings::wit::types::Outcome);
    let answer = quote!(::std::result::Result<(), ::std::vec::Vec<u8>>);
    Ok(quote! {
        const _: () = {
            #kept
            struct WodehostPlugin;

            impl ::wodehost_guest::bindings::consumer::Guest for WodehostPlugin {
                fn consume(#job: ::std::vec::Vec<u8>, #outcome: #wire) -> #answer {
                    ::wodehost_guest::glue::consume(&#job, #outcome, |#job, #outcome| #consume)
                }
            }

            // Used natively, too, where there is no export that would use it.
            const _: fn(::std::vec::Vec<u8>, #wire) -> #answer =
                <WodehostPlugin as ::wodehost_guest::bindings::consumer::Guest>::consume;

            #[cfg(target_arch = "wasm32")]
            ::wodehost_guest::bindings::consumer::export_consumer!(
                WodehostPlugin with_types_in ::wodehost_guest::bindings::consumer
            );

            #on_emit
            #finish
        };
    })
}

/// The `S` of a parameter `&mut S`.
fn state_type(parameter: &PatType) -> Option<&Type> {
    if let Type::Reference(reference) = &*parameter.ty
        && reference.mutability.is_some()
    {
        return Some(&reference.elem);
    }
    None
}

fn keep(state: &Type) -> TokenStream {
    // On the span of the type, so that this is where a missing `Default` shows.
    let fresh = quote_spanned!(state.span()=> <#state as ::std::default::Default>::default());
    quote! {
        ::std::thread_local! {
            static WODEHOST_STATE: ::std::cell::RefCell<#state> = ::std::cell::RefCell::new(#fresh);
        }
    }
}

/// Calls `path` with the state, if there is one, and with `names`.
fn call(path: &Path, state: Option<&Type>, names: &[&str]) -> TokenStream {
    let names = names.iter().map(|name| local(name));
    let kept = local("state");
    if state.is_none() {
        return quote!(::wodehost_guest::glue::Done::done(#path(#(#names),*)));
    }
    quote! {
        WODEHOST_STATE.with_borrow_mut(|#kept| {
            ::wodehost_guest::glue::Done::done(#path(#kept, #(#names),*))
        })
    }
}

fn on_emit(call: &TokenStream) -> TokenStream {
    let emitted = local("emitted");
    quote! {
        impl ::wodehost_guest::bindings::on_emit::Guest for WodehostPlugin {
            fn on_emit(
                job_id: ::std::string::String,
                attempt: u32,
                seq: u64,
                value: ::std::vec::Vec<u8>,
            ) -> ::std::result::Result<(), ::std::vec::Vec<u8>> {
                ::wodehost_guest::glue::on_emit(job_id, attempt, seq, value, |#emitted| #call)
            }
        }

        #[cfg(target_arch = "wasm32")]
        ::wodehost_guest::bindings::on_emit::export_on_emit!(
            WodehostPlugin with_types_in ::wodehost_guest::bindings::on_emit
        );
    }
}

fn finish(call: &TokenStream) -> TokenStream {
    quote! {
        impl ::wodehost_guest::bindings::finish::Guest for WodehostPlugin {
            fn finish() -> ::std::result::Result<(), ::std::vec::Vec<u8>> {
                ::wodehost_guest::glue::finish(|| #call)
            }
        }

        #[cfg(target_arch = "wasm32")]
        ::wodehost_guest::bindings::finish::export_finish!(
            WodehostPlugin with_types_in ::wodehost_guest::bindings::finish
        );
    }
}
