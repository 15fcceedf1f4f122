/// How a Redis server is set up: by default without persistence and without a password.
#[derive(Debug, Clone, Default)]
pub struct RedisOptions {
    persistent: bool,
    password: Option<String>,
    settings: Vec<(String, String)>,
}

impl RedisOptions {
    /// No persistence, no password, and Redis' own defaults for the rest.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// It has every write on disk before it answers: what it acknowledged outlives a kill.
    #[must_use]
    pub fn persistent(mut self) -> Self {
        self.persistent = true;
        self
    }

    /// It asks for `password`, which goes into URLs as it is: letters and digits.
    #[must_use]
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self
    }

    /// A line of its configuration, such as `maxmemory 2mb` or `tls-port 7000`. It wins over what this testbed sets.
    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn secret(&self) -> Option<&str> {
        self.password.as_deref()
    }

    /// The lines of the configuration, those of the test last: of two lines with one name, Redis takes the later.
    pub(super) fn config(&self) -> String {
        let on = if self.persistent { "yes" } else { "no" };
        let mut lines = vec![format!("save \"\"\nappendonly {on}\nappendfsync always")];
        if let Some(password) = &self.password {
            // A replica shows its primary the same password.
            lines.push(format!("requirepass {password}\nmasterauth {password}"));
        }
        lines.extend(self.settings.iter().map(|(name, value)| format!("{name} {value}")));
        lines.join("\n")
    }
}
