//! What happens in the demonstration, and when. Pure: the time comes in.

use super::{
    places::{COMES_AND_GOES, FAR, FLAPS},
    ring::TTL_INTERVALS,
};
use std::time::Duration;

/// Something that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// The member that flaps cannot be reached.
    Refuse,
    /// It can again.
    Accept,
    /// The line to the far location gets worse.
    Worsen,
    /// It is as it usually is.
    Recover,
    /// The member that comes and goes is gone without a word.
    Crash,
    /// It says goodbye and is gone.
    Leave,
    /// It is back.
    Return,
}

/// After how many intervals what happens; and then, after [`ROUND`], again. By default all but the goodbye has shown within
/// a minute. What flaps does so soon again that it is the same fault, and then is well for so long that this closes. The line
/// gets worse once five tests have told what throughput is usual.
const SCENES: [(u32, Act); 10] = [
    (10, Act::Refuse),
    (15, Act::Accept),
    (23, Act::Refuse),
    (28, Act::Accept),
    (30, Act::Crash),
    (45, Act::Return),
    (48, Act::Worsen),
    (68, Act::Recover),
    (80, Act::Leave),
    (92, Act::Return),
];
const ROUND: u32 = 108;

/// What the member that comes and goes does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Presence {
    #[default]
    There,
    Crashed,
    Gone,
}

/// How far it is, and what came of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Script {
    interval: Duration,
    /// How many acts are over.
    over: usize,
    refuses: bool,
    worse: bool,
    presence: Presence,
}

impl Script {
    pub(crate) fn new(interval: Duration) -> Self {
        Self { interval, over: 0, refuses: false, worse: false, presence: Presence::There }
    }

    /// How many acts are over.
    pub(crate) fn over(&self) -> usize {
        self.over
    }

    /// What happens next, and how long after the beginning.
    pub(crate) fn next(&self) -> (Duration, Act) {
        let (intervals, act) = SCENES[self.over % SCENES.len()];
        let rounds = u32::try_from(self.over / SCENES.len()).unwrap_or(u32::MAX);
        (self.interval.saturating_mul(rounds.saturating_mul(ROUND).saturating_add(intervals)), act)
    }

    /// It has happened.
    pub(crate) fn advance(&mut self) {
        match self.next().1 {
            Act::Refuse => self.refuses = true,
            Act::Accept => self.refuses = false,
            Act::Worsen => self.worse = true,
            Act::Recover => self.worse = false,
            Act::Crash => self.presence = Presence::Crashed,
            Act::Leave => self.presence = Presence::Gone,
            Act::Return => self.presence = Presence::There,
        }
        self.over += 1;
    }

    /// A line for each thing that goes on now, and one for what happens after `left`.
    pub(crate) fn words(&self, left: Duration) -> String {
        let mut now = Vec::new();
        if self.refuses {
            now.push(format!("{FLAPS} refuses every connection, as it does now and then"));
        }
        match self.presence {
            Presence::There => {}
            Presence::Crashed => now.push(format!(
                "{COMES_AND_GOES} has crashed. After {} s of silence it counts as offline",
                (self.interval * TTL_INTERVALS).as_secs_f64()
            )),
            Presence::Gone => now.push(format!("{COMES_AND_GOES} has said goodbye: nobody probes it")),
        }
        if self.worse {
            now.push(format!("the line to {FAR} is worse: slower, narrower, and 30 % is lost each way"));
        }
        if now.is_empty() {
            now.push("all seven members are in the ring".to_owned());
        }
        let next = match self.next().1 {
            Act::Refuse => format!("{FLAPS} refuses connections"),
            Act::Accept => format!("{FLAPS} can be reached again"),
            Act::Worsen => format!("the line to {FAR} gets worse"),
            Act::Recover => format!("the line to {FAR} is as usual again"),
            Act::Crash => format!("{COMES_AND_GOES} crashes"),
            Act::Leave => format!("{COMES_AND_GOES} says goodbye and leaves"),
            Act::Return => format!("{COMES_AND_GOES} comes back"),
        };
        let left = left.as_secs_f64().ceil();
        format!("Now:    {}\nNext:   {next}, in {left} s\n", now.join("\n        "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// What happens in two rounds, each with its second.
    fn acts() -> Vec<(u64, Act)> {
        let mut script = Script::new(SECOND);
        let next = |script: &mut Script| {
            let (at, act) = script.next();
            script.advance();
            (at.as_secs(), act)
        };
        (0..2 * SCENES.len()).map(|_| next(&mut script)).collect()
    }

    #[test]
    fn one_act_follows_the_other_for_ever() {
        let acts = acts();
        assert!(acts.is_sorted_by(|a, b| a.0 < b.0), "{acts:?}");
        let (first, second) = acts.split_at(SCENES.len());
        assert!(first.iter().zip(second).all(|(a, b)| a.1 == b.1 && a.0 + u64::from(ROUND) == b.0), "{acts:?}");
    }

    #[test]
    fn whoever_is_gone_comes_back_and_what_is_worse_gets_better() {
        for (act, end) in [
            (Act::Refuse, Act::Accept),
            (Act::Worsen, Act::Recover),
            (Act::Crash, Act::Return),
            (Act::Leave, Act::Return),
        ] {
            let of_both: Vec<_> = acts().into_iter().map(|(_, a)| a).filter(|&a| a == act || a == end).collect();
            let begin = of_both.iter().position(|&a| a == act).unwrap();
            assert_eq!(of_both.get(begin + 1), Some(&end), "{act:?}");
        }
        let mut script = Script::new(SECOND);
        for _ in 0..SCENES.len() {
            script.advance();
        }
        assert_eq!((script.refuses, script.worse, script.presence), (false, false, Presence::There));
    }

    #[test]
    fn a_crashed_member_goes_offline_before_it_comes_back() {
        let acts = acts();
        let crash = acts.iter().position(|&(_, act)| act == Act::Crash).unwrap();
        let back = acts[crash..].iter().find(|(_, act)| *act == Act::Return).unwrap().0;
        assert!(back - acts[crash].0 > u64::from(TTL_INTERVALS) + 4);
    }

    #[test]
    fn the_words_say_what_goes_on_and_what_comes_next_in_80_columns() {
        let mut script = Script::new(SECOND);
        let words = script.words(Duration::from_millis(4_200));
        assert_eq!(words, "Now:    all seven members are in the ring\nNext:   us1-b refuses connections, in 5 s\n");
        let mut all = String::new();
        for _ in 0..SCENES.len() {
            script.advance();
            all += &script.words(SECOND);
        }
        assert!(
            all.contains("After 8 s of silence it counts as offline\nNext:   asia1-a comes back, in 1 s\n"),
            "{all}"
        );
        assert!(
            all.contains("Now:    the line to sa1 is worse: slower, narrower, and 30 % is lost each way\n"),
            "{all}"
        );
        assert!(all.lines().all(|line| line.len() <= 80), "{all}");
    }
}
