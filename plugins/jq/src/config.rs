//! The expression in the plugin's configuration.

use jaq_json::Val;

use crate::decode::decode;

/// The key of the expression.
const KEY: &str = "expr";

/// Takes the expression from the configuration, a `MessagePack` map.
pub(crate) fn expression(config: Vec<u8>) -> Result<String, String> {
    let config =
        decode(config).map_err(|problem| format!("the configuration cannot be read: {problem}"))?;
    let expression = match &config {
        Val::Obj(entries) => entries.get(&Val::utf8_str(KEY)),
        Val::Null | Val::Bool(_) | Val::Num(_) | Val::BStr(_) | Val::TStr(_) | Val::Arr(_) => None,
    };
    match expression {
        Some(Val::TStr(text)) => String::from_utf8(text.to_vec())
            .map_err(|_| format!("`{KEY}` in the configuration is no UTF-8")),
        Some(_) => Err(format!(
            "`{KEY}` in the configuration is not a text; it takes a jq expression, such as \".score > 10\""
        )),
        None => Err(format!(
            "the configuration has no `{KEY}`, the jq expression to apply, such as \".score > 10\""
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(config: &[(&str, rmpv::Value)]) -> Result<String, String> {
        let entries = config
            .iter()
            .map(|(key, value)| ((*key).into(), value.clone()));
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &rmpv::Value::Map(entries.collect())).unwrap();
        expression(bytes)
    }

    #[test]
    fn the_expression_is_the_text_at_its_key() {
        let config = [("other", 1.into()), ("expr", ".a".into())];
        assert_eq!(of(&config).unwrap(), ".a");
    }

    #[test]
    fn without_an_expression_the_key_is_named() {
        let missing =
            "the configuration has no `expr`, the jq expression to apply, such as \".score > 10\"";
        assert_eq!(of(&[]).unwrap_err(), missing);
        assert_eq!(of(&[("exp", ".".into())]).unwrap_err(), missing);
        assert_eq!(expression(vec![0xc0]).unwrap_err(), missing);
    }

    #[test]
    fn an_expression_that_is_no_text_is_refused() {
        let problem = of(&[("expr", 7.into())]).unwrap_err();
        assert_eq!(
            problem,
            "`expr` in the configuration is not a text; it takes a jq expression, such as \".score > 10\""
        );
        assert_eq!(of(&[("expr", rmpv::Value::Nil)]).unwrap_err(), problem);
    }
}
