//! The schema of a type for which the derive makes none: it knows no variants of several fields.

use crate::{
    analysis::KindOf,
    model::{InstanceId, Location},
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ArrayBuilder, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema,
        schema::{SchemaType, Type},
    },
};

impl PartialSchema for KindOf {
    fn schema() -> RefOr<Schema> {
        let ring = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).enum_values(Some(["ring"]));
        let kinds = OneOfBuilder::new()
            .item(field("target", one::<InstanceId>()))
            .item(field("source", one::<InstanceId>()))
            .item(field("direction", two::<Location>()))
            .item(field("pair", two::<InstanceId>()))
            .item(ring);
        kinds.description(Some("For whom one kind of probe is bad.")).into()
    }
}

impl ToSchema for KindOf {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((InstanceId::name().into_owned(), InstanceId::schema()));
        schemas.push((Location::name().into_owned(), Location::schema()));
    }
}

/// An object with this field and no other.
fn field(name: &str, value: RefOr<Schema>) -> ObjectBuilder {
    ObjectBuilder::new().property(name, value).required(name)
}

fn one<T: ToSchema>() -> RefOr<Schema> {
    Ref::from_schema_name(T::name()).into()
}

fn two<T: ToSchema>() -> RefOr<Schema> {
    ArrayBuilder::new().items(one::<T>()).min_items(Some(2)).max_items(Some(2)).into()
}
