//! What happens in the demonstration, and when. Pure: the time comes in.

use super::ring::TTL_INTERVALS;
use std::time::Duration;

/// What the member that comes and goes does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// It is there, as all others.
    Stay,
    /// It is gone without a word.
    Crash,
    /// It says goodbye and is gone.
    Leave,
}

/// One act after the other, for ever, each with how many intervals it takes.
const SCENES: [(Act, u32); 4] = [(Act::Stay, 15), (Act::Crash, 15), (Act::Stay, 15), (Act::Leave, 12)];

/// The act that goes on, and how far it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Script {
    scene: usize,
    interval: Duration,
}

impl Script {
    pub(crate) fn new(interval: Duration) -> Self {
        Self { scene: 0, interval }
    }

    pub(crate) fn act(&self) -> Act {
        SCENES[self.scene % SCENES.len()].0
    }

    /// How long this act takes.
    pub(crate) fn length(&self) -> Duration {
        self.interval * SCENES[self.scene % SCENES.len()].1
    }

    /// How many acts are over.
    pub(crate) fn scene(&self) -> usize {
        self.scene
    }

    pub(crate) fn next(&self) -> Self {
        Self { scene: self.scene + 1, ..*self }
    }

    /// Two lines: what `member` does now, and what it does next, after `left`.
    pub(crate) fn words(&self, member: &str, left: Duration) -> String {
        let now = match self.act() {
            Act::Stay => "all four members are in the ring".to_owned(),
            Act::Crash => format!(
                "{member} has crashed. After {} s of silence it counts as offline",
                (self.interval * TTL_INTERVALS).as_secs_f64()
            ),
            Act::Leave => format!("{member} has said goodbye: nobody probes it, and all is well"),
        };
        let next = match self.next().act() {
            Act::Stay => format!("{member} comes back"),
            Act::Crash => format!("{member} crashes"),
            Act::Leave => format!("{member} says goodbye and leaves"),
        };
        let left = left.as_secs_f64().ceil();
        format!("Now:    {now}\nNext:   {next}, in {left} s\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_crashes_and_leaves_in_turn_and_comes_back_each_time() {
        let mut script = Script::new(Duration::from_secs(1));
        let mut acts = Vec::new();
        for _ in 0..6 {
            acts.push(script.act());
            script = script.next();
        }
        assert_eq!(acts, [Act::Stay, Act::Crash, Act::Stay, Act::Leave, Act::Stay, Act::Crash]);
    }

    #[test]
    fn a_crashed_member_goes_offline_before_it_comes_back() {
        let crashed = Script::new(Duration::from_secs(1)).next();
        assert!(crashed.length() > Duration::from_secs(1) * (TTL_INTERVALS + 2));
    }

    #[test]
    fn the_words_say_what_comes_next() {
        let script = Script::new(Duration::from_secs(1));
        let words = script.words("asia1-a", Duration::from_millis(4_200));
        assert_eq!(words, "Now:    all four members are in the ring\nNext:   asia1-a crashes, in 5 s\n");
        let words = script.next().words("asia1-a", Duration::from_secs(1));
        assert!(
            words.contains("After 8 s of silence it counts as offline\nNext:   asia1-a comes back, in 1 s"),
            "{words}"
        );
    }
}
