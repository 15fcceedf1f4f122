use crate::wire::ErrorResponse;
use axum::http::StatusCode;
use utoipa::{
    ToSchema,
    openapi::{
        Array, Content, HttpMethod, ObjectBuilder, OneOfBuilder, Ref, RefOr, Required, Response, Schema,
        path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn},
        request_body::RequestBodyBuilder,
        schema::Type,
    },
};

const JSON: &str = "application/json";

/// One method of one path, as the document has it.
pub(super) struct Route {
    pub(super) path: &'static str,
    pub(super) method: HttpMethod,
    pub(super) operation: Operation,
    /// The types that it needs, by their names.
    pub(super) schemas: Vec<(String, RefOr<Schema>)>,
}

impl Route {
    pub(super) fn get(path: &'static str, summary: &str) -> Self {
        Self::new(HttpMethod::Get, "get", path, summary)
    }

    pub(super) fn post(path: &'static str, summary: &str) -> Self {
        Self::new(HttpMethod::Post, "post", path, summary)
    }

    fn new(method: HttpMethod, word: &str, path: &'static str, summary: &str) -> Self {
        let id = path.trim_start_matches('/').replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        let operation = OperationBuilder::new().operation_id(Some(format!("{word}_{id}"))).summary(Some(summary));
        Self { path, method, operation: operation.build(), schemas: Vec::new() }
    }

    /// Notes what `T` needs, and gives what names it.
    fn schema<T: ToSchema>(&mut self) -> Ref {
        self.schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(&mut self.schemas);
        Ref::from_schema_name(T::name())
    }

    /// The body of the request.
    pub(super) fn takes<T: ToSchema>(mut self) -> Self {
        let content = Content::new(Some(self.schema::<T>()));
        let body = RequestBodyBuilder::new().content(JSON, content).required(Some(Required::True));
        self.operation.request_body = Some(RefOr::T(body.build()));
        self.refuses(&[400, 408, 413])
    }

    /// A parameter of the query that may be left out.
    pub(super) fn query(self, name: &str, kind: Type, description: &str) -> Self {
        self.parameter(name, kind, description, Required::False).refuses(&[400])
    }

    /// A parameter of the query that has to be there.
    pub(super) fn needs(self, name: &str, kind: Type, description: &str) -> Self {
        self.parameter(name, kind, description, Required::True).refuses(&[400])
    }

    /// A header that may be left out.
    pub(super) fn header(self, name: &str, kind: Type, description: &str) -> Self {
        self.parameter_in(ParameterIn::Header, name, kind, description, Required::False)
    }

    fn parameter(self, name: &str, kind: Type, description: &str, required: Required) -> Self {
        self.parameter_in(ParameterIn::Query, name, kind, description, required)
    }

    fn parameter_in(
        mut self,
        place: ParameterIn,
        name: &str,
        kind: Type,
        description: &str,
        required: Required,
    ) -> Self {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(place)
            .required(required)
            .description(Some(description))
            .schema(Some(ObjectBuilder::new().schema_type(kind).build()));
        self.operation.parameters.get_or_insert_default().push(RefOr::T(parameter.build()));
        self
    }

    /// The answer where all is well.
    pub(super) fn answers<T: ToSchema>(mut self) -> Self {
        let content = Content::new(Some(self.schema::<T>()));
        self.respond(200, content, JSON)
    }

    /// The same where it is an object of no type that is described here.
    pub(super) fn answers_object(self) -> Self {
        let content = Content::new(Some(ObjectBuilder::new().schema_type(Type::Object).build()));
        self.respond(200, content, JSON)
    }

    /// The same where it is a list.
    pub(super) fn answers_list<T: ToSchema>(mut self) -> Self {
        let list = Array::new(self.schema::<T>());
        self.respond(200, Content::new(Some(list)), JSON)
    }

    /// The same where it is of one type or of another, as the query asks for.
    pub(super) fn answers_either<A: ToSchema, B: ToSchema>(mut self) -> Self {
        let either = OneOfBuilder::new().item(self.schema::<A>()).item(self.schema::<B>());
        self.respond(200, Content::new(Some(Schema::OneOf(either.build()))), JSON)
    }

    /// Describes a type that is in an answer.
    pub(super) fn with<T: ToSchema>(mut self) -> Self {
        self.schema::<T>();
        self
    }

    /// The same where it is no JSON.
    pub(super) fn answers_text(self, content_type: &str) -> Self {
        let content = Content::new(Some(ObjectBuilder::new().schema_type(Type::String).build()));
        self.respond(200, content, content_type)
    }

    /// Another answer with the body `T`.
    pub(super) fn or<T: ToSchema>(mut self, status: u16) -> Self {
        let content = Content::new(Some(self.schema::<T>()));
        self.respond(status, content, JSON)
    }

    /// An answer without a body.
    pub(super) fn or_empty(mut self, status: u16) -> Self {
        let response = Response::new(words(status));
        self.operation.responses.responses.insert(status.to_string(), response.into());
        self
    }

    /// The answers that say what is wrong.
    pub(super) fn refuses(mut self, statuses: &[u16]) -> Self {
        for &status in statuses {
            self = self.or::<ErrorResponse>(status);
        }
        self
    }

    fn respond(mut self, status: u16, content: Content, content_type: &str) -> Self {
        let mut response = Response::new(words(status));
        response.content.insert(content_type.to_owned(), content.into());
        self.operation.responses.responses.insert(status.to_string(), response.into());
        self
    }
}

fn words(status: u16) -> &'static str {
    match status {
        200 => "It was done.",
        304 => "Nothing has changed since the answer with this ETag.",
        400 => "What was sent is not understood; the answer names the field.",
        404 => "What is asked for is not known. A member that is not has to register first.",
        408 => "The body took too long.",
        413 => "The body is too large.",
        422 => "It would be too large: ask for less.",
        503 => "It cannot be done now; try again.",
        // A word is better than none.
        other => StatusCode::from_u16(other).ok().and_then(|status| status.canonical_reason()).unwrap_or("Other."),
    }
}
