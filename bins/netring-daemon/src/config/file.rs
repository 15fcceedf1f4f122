use super::{
    ConfigError, Configuration, TextError,
    describe::{Hidden, describe},
    present::Present,
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, Visitor},
};
use serde_saphyr::options::NonFiniteFloatPolicy;
use std::{
    fmt,
    fs::File,
    io,
    io::Read,
    marker::PhantomData,
    path::{Path, PathBuf},
};

/// Most bytes of a file that are taken. It bounds what a wrong path (a device, a log) can cost.
const MAX_BYTES: u64 = 1 << 20;

/// Reads the file at `path`: the configuration with defaults where the file says nothing, and the paths of the keys
/// that it does set.
pub(super) fn read<C: Configuration>(path: &Path) -> Result<(C, Vec<String>), ConfigError> {
    let text = read_text(path)?;
    let parsed = serde_saphyr::from_str::<Option<Top<C>>>(&text).and_then(|top| {
        let mut present = Vec::new();
        if top.is_some() {
            // Values are passed over here, also those that would be no number.
            let options = serde_saphyr::options! { non_finite_float_policy: NonFiniteFloatPolicy::PassThrough };
            serde_saphyr::with_deserializer_from_str_with_options(&text, options, |deserializer| {
                Present::<C>::into(&mut present).deserialize(deserializer)
            })?;
        }
        Ok((top.and_then(|top| top.0).unwrap_or_default(), present))
    });
    parsed.map_err(|error| ConfigError::Yaml { message: describe(error, path, &text, &Hidden::of::<C>()) })
}

/// The file in `folder` that is named after the daemon, such as `member.yaml`, where there is one. What is there and cannot be
/// read is there as well: a start with it has to fail, and say why. No folder is the empty path.
#[must_use]
pub fn file_in_folder<C: Configuration>(folder: &Path) -> Option<PathBuf> {
    let path = folder.join(format!("{}.yaml", C::ROOT));
    (!folder.as_os_str().is_empty() && path.try_exists().unwrap_or(true)).then_some(path)
}

/// Reads another YAML file, which a key names and which has no secrets in it. A path that is relative is so to the working
/// directory.
///
/// # Errors
/// Where it is not there, cannot be read, or is not taken: file, line and column, and the line itself.
pub fn document<T: DeserializeOwned>(path: &Path) -> Result<T, TextError> {
    // So that nobody has to guess which directory it was looked for in.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let text = read_text(&path).map_err(|error| {
        TextError::new(match error {
            ConfigError::NotThere { path } => format!("there is no file {}", path.display()),
            ConfigError::Unreadable { path, cause } => format!("cannot read {}: {cause}", path.display()),
            ConfigError::TooLarge { path, most } => format!("{} is larger than {most} bytes", path.display()),
            error => error.to_string(),
        })
    })?;
    serde_saphyr::from_str(&text).map_err(|error| TextError::new(describe(error, &path, &text, &Hidden::default())))
}

fn read_text(path: &Path) -> Result<String, ConfigError> {
    let unreadable = |cause: io::Error| match cause.kind() {
        io::ErrorKind::NotFound => ConfigError::NotThere { path: path.to_owned() },
        _ => ConfigError::Unreadable { path: path.to_owned(), cause },
    };
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ConfigError::TooLarge { path: path.to_owned(), most: MAX_BYTES });
    }
    String::from_utf8(bytes).map_err(|error| {
        unreadable(io::Error::new(io::ErrorKind::InvalidData, format!("it is not UTF-8: {}", error.utf8_error())))
    })
}

/// The whole file: a mapping with the one key [`Configuration::ROOT`].
struct Top<C>(Option<C>);

impl<C: Configuration> Top<C> {
    const FIELDS: &'static [&'static str] = &[C::ROOT];
}

impl<'de, C: Configuration> Deserialize<'de> for Top<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<C>(PhantomData<C>);

        impl<'de, C: Configuration> Visitor<'de> for Fields<C> {
            type Value = Top<C>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "the key `{}`", C::ROOT)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Top<C>, A::Error> {
                let mut config = None;
                while let Some(name) = map.next_key::<String>()? {
                    if name != C::ROOT {
                        return Err(A::Error::unknown_field(&name, Top::<C>::FIELDS));
                    }
                    config = map.next_value()?;
                }
                Ok(Top(config))
            }
        }

        deserializer.deserialize_struct("Top", Self::FIELDS, Fields(PhantomData))
    }
}
