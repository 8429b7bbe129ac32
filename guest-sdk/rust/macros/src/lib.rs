//! The attribute macros of `wodehost-guest`, which documents and re-exports
//! them.
//!
//! Each macro leaves the function as it is and adds a hidden type that
//! implements the generated trait of the contract. The exports themselves are
//! made only for WebAssembly, so the functions can be tested natively. What the
//! generated code does stands in `wodehost_guest::glue`, not here.

mod arguments;
mod consumer;
mod producer;
mod signature;
mod worker;

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use syn::{ItemFn, parse_macro_input};

/// Makes a function the plugin's worker; see `wodehost_guest::worker`.
#[proc_macro_attribute]
pub fn worker(attr: TokenStream, item: TokenStream) -> TokenStream {
    let function = parse_macro_input!(item as ItemFn);
    finish(worker::expand(attr.into(), &function), function)
}

/// Makes a function the plugin's producer; see `wodehost_guest::producer`.
#[proc_macro_attribute]
pub fn producer(attr: TokenStream, item: TokenStream) -> TokenStream {
    let function = parse_macro_input!(item as ItemFn);
    finish(producer::expand(attr.into(), &function), function)
}

/// Makes a function the plugin's consumer; see `wodehost_guest::consumer`.
#[proc_macro_attribute]
pub fn consumer(attr: TokenStream, item: TokenStream) -> TokenStream {
    let function = parse_macro_input!(item as ItemFn);
    finish(consumer::expand(attr.into(), &function), function)
}

/// The function as it was, and the glue or the error behind it: with the
/// function in place an error does not drag others along.
fn finish(glue: syn::Result<Tokens>, mut function: ItemFn) -> TokenStream {
    let glue = glue.unwrap_or_else(|error| error.to_compile_error());
    function.attrs.push(syn::parse_quote! {
        #[allow(
            clippy::needless_pass_by_value,
            clippy::unnecessary_wraps,
            reason = "the signature is what the attribute asks for"
        )]
    });
    quote::quote!(#function #glue).into()
}
