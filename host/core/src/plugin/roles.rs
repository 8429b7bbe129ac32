//! What a component exports of the contract, looked up once per plugin.
//!
//! The contract's optional exports have no place in WIT, so exports are found by
//! their exact names and compared with the contract's signatures here; others
//! are ignored, because toolchains add their own.

use super::error::PluginError;
use wasmtime::Engine;
use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{Component, ComponentExportIndex, Type};

/// The exports of a worker.
#[derive(Debug, Clone)]
pub(crate) struct WorkerExports {
    pub(crate) run: ComponentExportIndex,
    pub(crate) set_up: Option<ComponentExportIndex>,
}

/// The exports of a consumer.
#[derive(Debug, Clone)]
pub(crate) struct ConsumerExports {
    pub(crate) consume: ComponentExportIndex,
    pub(crate) on_emit: Option<ComponentExportIndex>,
    pub(crate) finish: Option<ComponentExportIndex>,
}

/// What a plugin can be used as. At least one is there.
#[derive(Debug, Clone)]
pub(crate) struct Roles {
    pub(crate) worker: Option<WorkerExports>,
    pub(crate) producer: Option<ComponentExportIndex>,
    pub(crate) consumer: Option<ConsumerExports>,
    pub(crate) gate: Option<ComponentExportIndex>,
}

/// An export of the contract and how its type is told.
struct Expected {
    name: &'static str,
    signature: &'static str,
    fits: fn(&ComponentFunc) -> bool,
}

const RUN: Expected = Expected {
    name: "run",
    signature: "func(job: list<u8>) -> result<list<u8>, list<u8>>",
    fits: |f| params(f, &[is_value]) && result(f, Some(is_value), Some(is_value)),
};
const SET_UP: Expected = Expected {
    name: "set-up",
    signature: "func() -> result<_, list<u8>>",
    fits: |f| params(f, &[]) && result(f, None, Some(is_value)),
};
const NEXT: Expected = Expected {
    name: "next",
    signature: "func() -> result<option<dispatch>, list<u8>>",
    fits: |f| params(f, &[]) && result(f, Some(is_option_of_record), Some(is_value)),
};
const CONSUME: Expected = Expected {
    name: "consume",
    signature: "func(job: list<u8>, outcome: outcome) -> result<_, list<u8>>",
    fits: |f| params(f, &[is_value, is_record]) && result(f, None, Some(is_value)),
};
const ON_EMIT: Expected = Expected {
    name: "on-emit",
    signature: "func(job-id: string, attempt: u32, seq: u64, v: list<u8>) -> result<_, list<u8>>",
    fits: |f| params(f, &[is_string, is_u32, is_u64, is_value]) && result(f, None, Some(is_value)),
};
const FINISH: Expected = Expected {
    name: "finish",
    signature: "func() -> result<_, list<u8>>",
    fits: |f| params(f, &[]) && result(f, None, Some(is_value)),
};
const ADMIT: Expected = Expected {
    name: "admit",
    signature: "func() -> option<u64>",
    fits: |f| {
        let mut results = f.results();
        params(f, &[]) && matches!(results.next(), Some(Type::Option(o)) if o.ty() == Type::U64)
    },
};

impl Roles {
    /// Finds the contract's exports in a component.
    pub(crate) fn of(component: &Component, engine: &Engine) -> Result<Roles, PluginError> {
        let find = |expected: &Expected| find(component, engine, expected);
        let roles = Roles {
            worker: match find(&RUN)? {
                None => None,
                Some(run) => Some(WorkerExports {
                    run,
                    set_up: find(&SET_UP)?,
                }),
            },
            producer: find(&NEXT)?,
            consumer: match find(&CONSUME)? {
                None => None,
                Some(consume) => Some(ConsumerExports {
                    consume,
                    on_emit: find(&ON_EMIT)?,
                    finish: find(&FINISH)?,
                }),
            },
            gate: find(&ADMIT)?,
        };
        if roles.names().is_empty() {
            return Err(PluginError::WrongWorld(nothing_found(component, engine)));
        }
        Ok(roles)
    }

    /// The roles' names.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        if self.worker.is_some() {
            names.push("worker");
        }
        if self.producer.is_some() {
            names.push("producer");
        }
        if self.consumer.is_some() {
            names.push("consumer");
        }
        if self.gate.is_some() {
            names.push("gate");
        }
        names
    }
}

fn find(
    component: &Component,
    engine: &Engine,
    expected: &Expected,
) -> Result<Option<ComponentExportIndex>, PluginError> {
    let ty = component.component_type();
    let Some(export) = ty.get_export(engine, expected.name) else {
        return Ok(None);
    };
    let fits = match &export.ty {
        ComponentItem::ComponentFunc(func) => (expected.fits)(func),
        ComponentItem::CoreFunc(_)
        | ComponentItem::Module(_)
        | ComponentItem::Component(_)
        | ComponentItem::ComponentInstance(_)
        | ComponentItem::Type(_)
        | ComponentItem::Resource(_) => false,
    };
    if !fits {
        return Err(PluginError::WrongWorld(format!(
            "its export `{}` has another type than the contract's `{}`",
            expected.name, expected.signature
        )));
    }
    Ok(component.get_export_index(None, expected.name))
}

fn nothing_found(component: &Component, engine: &Engine) -> String {
    let ty = component.component_type();
    let names: Vec<String> = ty
        .exports(engine)
        .take(5)
        .map(|(name, _)| format!("`{}`", crate::value::escape_for_people(name, 60)))
        .collect();
    let has = match names.as_slice() {
        [] => "nothing".to_owned(),
        names => names.join(", "),
    };
    format!("it exports {has}; a plugin exports `run`, `next`, `consume` or `admit`")
}

fn params(func: &ComponentFunc, expected: &[fn(&Type) -> bool]) -> bool {
    let params = func.params();
    !func.async_()
        && params.len() == expected.len()
        && params.zip(expected).all(|((_, ty), fits)| fits(&ty))
}

fn result(
    func: &ComponentFunc,
    ok: Option<fn(&Type) -> bool>,
    err: Option<fn(&Type) -> bool>,
) -> bool {
    let side = |ty: Option<Type>, fits: Option<fn(&Type) -> bool>| match (ty, fits) {
        (Some(ty), Some(fits)) => fits(&ty),
        (None, None) => true,
        _ => false,
    };
    let mut results = func.results();
    let fits = match results.next() {
        Some(Type::Result(result)) => side(result.ok(), ok) && side(result.err(), err),
        _ => false,
    };
    fits && results.next().is_none()
}

fn is_value(ty: &Type) -> bool {
    matches!(ty, Type::List(list) if list.ty() == Type::U8)
}

fn is_string(ty: &Type) -> bool {
    *ty == Type::String
}

fn is_u32(ty: &Type) -> bool {
    *ty == Type::U32
}

fn is_u64(ty: &Type) -> bool {
    *ty == Type::U64
}

fn is_record(ty: &Type) -> bool {
    matches!(ty, Type::Record(_))
}

fn is_option_of_record(ty: &Type) -> bool {
    matches!(ty, Type::Option(option) if is_record(&option.ty()))
}
