use netring_core::ProbeKind;
use netring_daemon::{
    config::{FromText, TextError},
    serde_as_text,
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use std::fmt;

/// What the others are probed for: words such as `tcp`, each once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ProbeList(Vec<ProbeWord>);

/// One of the probes that this daemon can make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ProbeWord(ProbeKind);

impl ProbeWord {
    const ALL: [ProbeKind; 6] =
        [ProbeKind::TCP, ProbeKind::HTTP, ProbeKind::UDP, ProbeKind::ICMP, ProbeKind::BANDWIDTH, ProbeKind::TRACEROUTE];
}

impl ProbeList {
    fn new(words: Vec<ProbeWord>) -> Result<Self, TextError> {
        if words.is_empty() {
            return Err(TextError::new("expected at least one probe, such as tcp"));
        }
        if let Some((_, twice)) = words.iter().enumerate().find(|(i, word)| words[..*i].contains(word)) {
            return Err(TextError::new(format!("expected each probe once, {twice} comes twice")));
        }
        Ok(Self(words))
    }

    /// Whether it is probed for `kind`.
    pub(crate) fn has(&self, kind: &ProbeKind) -> bool {
        self.0.iter().any(|word| word.0 == *kind)
    }
}

impl Default for ProbeList {
    fn default() -> Self {
        Self(ProbeWord::ALL.map(ProbeWord).to_vec())
    }
}

impl FromText for ProbeWord {
    fn from_text(text: &str) -> Result<Self, TextError> {
        let known = Self::ALL.into_iter().find(|kind| kind.as_str() == text.trim());
        known.map(Self).ok_or_else(|| TextError::new("expected tcp, http, udp, icmp, bandwidth or traceroute"))
    }
}

impl fmt::Display for ProbeWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

serde_as_text!(ProbeWord);

impl FromText for ProbeList {
    fn from_text(text: &str) -> Result<Self, TextError> {
        Self::new(Vec::from_text(text)?)
    }
}

impl<'de> Deserialize<'de> for ProbeList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
