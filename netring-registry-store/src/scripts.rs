//! The scripts that Redis runs, each as one step that nothing comes between. All have the keys of [`crate::keys::Keys::ring`]
//! in `KEYS`, or those of [`crate::keys::Keys::journal`], times in microseconds since 1970, and the retention in milliseconds.

use redis::Script;

/// Every script, with the hash by which Redis knows it.
#[derive(Debug)]
pub(crate) struct Scripts {
    pub(crate) register: Code,
    pub(crate) heartbeat: Code,
    pub(crate) deregister: Code,
    pub(crate) sweep: Code,
    pub(crate) put_report: Code,
    pub(crate) ping: Code,
    pub(crate) lead: Code,
    pub(crate) resign: Code,
    pub(crate) record: Code,
    pub(crate) set_cursor: Code,
}

/// One script.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) text: &'static str,
    pub(crate) hash: String,
}

impl Code {
    fn new(text: &'static str) -> Self {
        Self { text, hash: Script::new(text).get_hash().to_owned() }
    }
}

impl Scripts {
    pub(crate) fn new() -> Self {
        Self {
            register: Code::new(include_str!("lua/register.lua")),
            heartbeat: Code::new(include_str!("lua/heartbeat.lua")),
            deregister: Code::new(include_str!("lua/deregister.lua")),
            sweep: Code::new(include_str!("lua/sweep.lua")),
            put_report: Code::new(include_str!("lua/put_report.lua")),
            ping: Code::new(include_str!("lua/ping.lua")),
            lead: Code::new(include_str!("lua/lead.lua")),
            resign: Code::new(include_str!("lua/resign.lua")),
            record: Code::new(include_str!("lua/record.lua")),
            set_cursor: Code::new(include_str!("lua/set_cursor.lua")),
        }
    }
}
