use serde::de::{Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Map, Value};

/// An object of which a struct knows every member: as if it denied unknown fields, which a struct that others
/// extend cannot do itself.
pub(super) struct KnownMembers(pub(super) Map<String, Value>);

impl<'de> Deserializer<'de> for KnownMembers {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let unknown = self.0.keys().find(|own| !known.contains(&own.as_str()));
        match unknown {
            Some(unknown) => Err(Error::unknown_field(unknown, known)),
            None => Value::Object(self.0).deserialize_struct(name, known, visitor),
        }
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        Value::Object(self.0).deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
