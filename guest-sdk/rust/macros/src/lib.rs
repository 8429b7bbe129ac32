//! The attribute macros of `wodehost-guest`, which documents and re-exports
//! them.
//!
//! Each macro leaves the function as it is and adds a hidden type that
//! implements the generated trait of the contract. The exports themselves are
//! made only for WebAssembly, so the functions can be tested natively. What the
//! generated code does stands in `wodehost_guest::glue`, not here.

mod arguments;
mod consumer;
mod gate;
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

/// Makes a function the plugin's gate; see `wodehost_guest::gate`.
#[proc_macro_attribute]
pub fn gate(attr: TokenStream, item: TokenStream) -> TokenStream {
    let function = parse_macro_input!(item as ItemFn);
    finish(gate::expand(attr.into(), &function), function)
}

/// The function as it was, and the glue or the error behind it: with the
/// function in place an error does not drag others along.
fn finish(glue: syn::Result<Tokens>, mut function: ItemFn) -> TokenStream {
    let glue = glue.map_or_else(
        |error| error.to_compile_error(),
        |glue| {
            quote::quote! {
                #[allow(
                    clippy::useless_conversion,
                    reason = "functions that return a `Failure` are treated as all others"
                )]
                #glue
            }
        },
    );
    function.attrs.push(syn::parse_quote! {
        #[allow(
            clippy::needless_pass_by_value,
            clippy::unnecessary_wraps,
            reason = "the signature is what the attribute asks for"
        )]
    });
    quote::quote!(#function #glue).into()
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    type Expand = fn(Tokens, &ItemFn) -> syn::Result<Tokens>;

    fn error(expand: Expand, attr: Tokens, item: Tokens) -> String {
        let function = syn::parse2(item).expect("a function");
        let refused = expand(attr, &function).expect_err("an error");
        refused.to_string()
    }

    #[test]
    fn an_unknown_argument_is_answered_with_the_known_ones() {
        assert_eq!(
            error(
                worker::expand,
                quote!(setup = f),
                quote!(
                    fn w() {}
                )
            ),
            "`#[worker]` takes `set_up = function`"
        );
        assert_eq!(
            error(
                consumer::expand,
                quote!(end = f),
                quote!(
                    fn c() {}
                )
            ),
            "`#[consumer]` takes `finish = function` and `on_emit = function`"
        );
        assert_eq!(
            error(
                producer::expand,
                quote!(end = f),
                quote!(
                    fn p() {}
                )
            ),
            "`#[producer]` takes no arguments"
        );
    }

    #[test]
    fn an_argument_is_a_function_and_given_once() {
        assert_eq!(
            error(
                worker::expand,
                quote!(set_up = "f"),
                quote!(
                    fn w() {}
                )
            ),
            "`set_up` takes the name of a function"
        );
        assert_eq!(
            error(
                worker::expand,
                quote!(set_up = f, set_up = g),
                quote!(
                    fn w() {}
                )
            ),
            "`set_up` is given twice"
        );
    }

    #[test]
    fn what_cannot_be_called_is_refused() {
        let refused = |item| error(worker::expand, quote!(), item);
        assert!(
            refused(quote!(
                async fn w() {}
            ))
            .contains("guests block")
        );
        assert!(
            refused(quote!(
                unsafe fn w() {}
            ))
            .contains("a safe function")
        );
        assert!(
            refused(quote!(
                extern "C" fn w() {}
            ))
            .contains("leave `extern` out")
        );
        assert!(
            refused(quote!(
                fn w<T>(job: T) {}
            ))
            .contains("cannot be generic")
        );
        assert!(
            refused(quote!(
                fn w(&self) {}
            ))
            .contains("outside of an `impl`")
        );
    }

    #[test]
    fn a_lifetime_is_not_generic() {
        let function = syn::parse_quote!(
            fn w<'a>(text: &'a str) -> &'a str {
                text
            }
        );
        assert!(worker::expand(quote!(), &function).is_ok());
    }

    #[test]
    fn a_producer_has_no_parameters_and_an_iterator() {
        let refused = |item| error(producer::expand, quote!(), item);
        assert!(
            refused(quote!(
                fn p(n: u8) -> Vec<u8> {}
            ))
            .contains("read `host::config()`")
        );
        assert!(
            refused(quote!(
                fn p() {}
            ))
            .contains("returns an iterator")
        );
    }

    #[test]
    fn a_gate_has_no_parameters_and_says_how_long_to_wait() {
        let refused = |item| error(gate::expand, quote!(), item);
        assert!(
            refused(quote!(
                fn g(n: u8) -> Option<Duration> {}
            ))
            .contains("read `host::config()`")
        );
        assert!(
            refused(quote!(
                fn g() {}
            ))
            .contains("returns `Option<Duration>`")
        );
    }

    #[test]
    fn a_consumer_has_two_parameters_beside_its_state() {
        let refused = |item| error(consumer::expand, quote!(), item);
        let wanted = "with the parameters `job` and `outcome: Outcome`";
        assert!(
            refused(quote!(
                fn c(outcome: Outcome) {}
            ))
            .contains(wanted)
        );
        assert!(
            refused(quote!(
                fn c(state: &mut S, outcome: Outcome) {}
            ))
            .contains(wanted)
        );
        assert!(
            refused(quote!(
                fn c(a: A, b: B, outcome: Outcome) {}
            ))
            .contains(wanted)
        );
    }

    #[test]
    fn an_unused_parameter_goes_by_its_name() {
        let function: ItemFn = syn::parse_quote!(
            fn w(_job: u8, r#type: u8, (a, b): (u8, u8)) {}
        );
        let parameters = signature::parameters(&function, "worker").expect("parameters");
        let names: Vec<String> = parameters
            .iter()
            .enumerate()
            .map(|(position, parameter)| signature::name(parameter, position))
            .collect();
        assert_eq!(names, ["job", "type", "3"]);
    }
}
