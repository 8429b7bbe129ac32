//! `#[worker]`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, ItemFn, Path, Result};

use crate::arguments::Arguments;
use crate::signature::{self, Returns, local};

/// The glue of a worker.
pub(crate) fn expand(attr: TokenStream, function: &ItemFn) -> Result<TokenStream> {
    let arguments = Arguments::parse(attr, "worker", &["set_up"])?;
    signature::check(function, "worker")?;
    let job = local("job");
    let run = run(function, &job)?;
    let set_up = arguments.get("set_up").map(set_up);
    Ok(quote! {
        const _: () = {
            struct WodehostPlugin;

            impl ::wodehost_guest::bindings::worker::Guest for WodehostPlugin {
                fn run(
                    #job: ::std::vec::Vec<u8>,
                ) -> ::std::result::Result<::std::vec::Vec<u8>, ::std::vec::Vec<u8>> {
                    #run
                }
            }

            // Used natively, too, where there is no export that would use it.
            const _: fn(
                ::std::vec::Vec<u8>,
            ) -> ::std::result::Result<::std::vec::Vec<u8>, ::std::vec::Vec<u8>> =
                <WodehostPlugin as ::wodehost_guest::bindings::worker::Guest>::run;

            #[cfg(target_arch = "wasm32")]
            ::wodehost_guest::bindings::worker::export_worker!(
                WodehostPlugin with_types_in ::wodehost_guest::bindings::worker
            );

            #set_up
        };
    })
}

fn run(function: &ItemFn, job: &Ident) -> Result<TokenStream> {
    let arguments = local("arguments");
    let parameters = signature::parameters(function, "worker")?;
    let called = &function.sig.ident;
    let names = parameters
        .iter()
        .enumerate()
        .map(|(position, parameter)| signature::name(parameter, position));
    // On the span of its type, so that this is where a missing `Deserialize` shows.
    let taken = parameters.iter().map(|parameter| {
        quote_spanned!(parameter.ty.span()=> ::wodehost_guest::glue::Arguments::next(&mut #arguments)?)
    });
    let call = quote!(#called(#(#taken),*));
    let returned = function.sig.output.span();
    let answer = match Returns::of(function) {
        Returns::Never => call,
        Returns::Result => quote_spanned!(returned=> ::wodehost_guest::glue::reply_or_fail(#call)),
        Returns::Plain => quote_spanned!(returned=> ::wodehost_guest::glue::reply(#call)),
    };
    let take = if parameters.is_empty() {
        quote!(let _ = #job;)
    } else {
        quote!(let mut #arguments = ::wodehost_guest::glue::Arguments::new(&#job, &[#(#names),*])?;)
    };
    Ok(quote! {
        ::wodehost_guest::glue::run(|| {
            #take
            #answer
        })
    })
}

fn set_up(prepare: &Path) -> TokenStream {
    quote! {
        impl ::wodehost_guest::bindings::set_up::Guest for WodehostPlugin {
            fn set_up() -> ::std::result::Result<(), ::std::vec::Vec<u8>> {
                ::wodehost_guest::glue::set_up(|| ::wodehost_guest::glue::Done::done(#prepare()))
            }
        }

        #[cfg(target_arch = "wasm32")]
        ::wodehost_guest::bindings::set_up::export_set_up!(
            WodehostPlugin with_types_in ::wodehost_guest::bindings::set_up
        );
    }
}
