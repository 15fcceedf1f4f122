//! The script of a heartbeat, as the store has Redis run it.

use netring_testbed::{RedisServer, RespValue};

/// Of the ring that is there for the script alone.
pub(crate) const PREFIX: &str = "script";

/// What the store keeps of a ring, in its order.
const KEYS: [&str; 6] = [
    "{script}:members",
    "{script}:seen",
    "{script}:left",
    "{script}:revision",
    "{script}:reports",
    "{script}:report_versions",
];
const TEXT: &str = include_str!("../../../../netring-registry-store/src/lua/heartbeat.lua");
/// One of a thousand members.
const ID: &str = "00000000-0000-4000-8000-__rand_int__";
/// Microseconds since 1970, in the year 2027.
const NOW: &str = "1800__rand_int__";
/// Two days, and nine tenths of them, in milliseconds.
const RETENTION: [&str; 2] = ["172800000", "155520000"];

pub(crate) struct Script {
    hash: String,
}

impl Script {
    /// redis-benchmark's clock goes back as often as forth, and then a heartbeat would write nothing. It has to write each time,
    /// as with a clock that goes on; that one comparison is another.
    fn text() -> String {
        let text = TEXT.replace("tonumber(now) > tonumber(last_seen)", "tonumber(now) ~= tonumber(last_seen)");
        assert_ne!(text, TEXT, "the script compares times in another way now");
        text
    }

    /// Gives it to Redis, and sees that it takes a heartbeat.
    pub(crate) fn load(redis: &RedisServer) -> Self {
        let hash = redis.command(&["SCRIPT", "LOAD", &Self::text()]).expect("it is a script").to_string();
        let script = Self { hash };
        let number = |word: &str| word.replace("__rand_int__", "000000000007");
        let command: Vec<_> = script.call().into_iter().map(number).collect();
        let command: Vec<_> = command.iter().map(String::as_str).collect();
        assert_eq!(redis.command(&command).expect("it runs"), RespValue::Integer(1), "the member is not known");
        script
    }

    /// The command, with numbers for redis-benchmark to fill in.
    pub(crate) fn call(&self) -> Vec<&str> {
        let mut words = vec!["EVALSHA", &self.hash, "6"];
        words.extend(KEYS);
        words.extend([ID, NOW]);
        words.extend(RETENTION);
        words
    }
}
