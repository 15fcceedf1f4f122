//! Members that check every second, and others that do every five minutes.

use super::{registry::Registry, *};

/// Who it is, where it stands, and how often it checks and reports, in seconds.
type Member = (&'static str, &'static str, u64);

const FAST: u64 = 1;
const SLOW: u64 = 300;

/// What is broken at a time.
#[derive(Debug, Clone, Copy)]
enum Broken {
    Down(&'static str),
    /// From the one to the other, and back.
    Way(&'static str, &'static str),
    /// It reaches nobody.
    From(&'static str),
}

const DIES: u64 = 1000;
const LIVES: u64 = 2000;

/// What is told of what is broken in the time between.
fn told(members: &[Member], broken: &[Broken], until: u64) -> Vec<(u64, String)> {
    let ids: Vec<&str> = members.iter().map(|&(id, ..)| id).collect();
    let mut registry = Registry::new(&ids);
    for &(id, location, _) in members {
        registry = registry.stands(id, location, MemberStatus::Online);
    }
    let mut reports: Vec<Arc<ReceivedReport>> = Vec::new();
    for second in 1..until {
        let at = registry.now() + Duration::from_secs(1);
        let is =
            |test: &dyn Fn(Broken) -> bool| (DIES..LIVES).contains(&second) && broken.iter().any(|&what| test(what));
        let down = |id: &str| is(&|what| matches!(what, Broken::Down(dead) if dead == id));
        let lost = |source: &str, target: &str| {
            is(&|what| match what {
                Broken::Down(dead) => dead == source || dead == target,
                Broken::Way(a, b) => (a, b) == (source, target) || (b, a) == (source, target),
                Broken::From(from) => from == source,
            })
        };
        for (i, &(id, location, interval)) in (0..).zip(members) {
            // Heartbeats come every second, and nobody is missed at the same moment.
            let silent = down(id) && second > DIES + 3 + i % 3;
            registry = registry.stands(id, location, if silent { MemberStatus::Stale } else { MemberStatus::Online });
            if down(id) || second > 1 && (second + i * 41) % interval != 0 {
                continue;
            }
            let others = ids.iter().filter(|&&other| other != id);
            let mut made =
                ReceivedReport::clone(&received(id, at, others.map(|other| tcp(other, !lost(id, other))).collect()));
            made.report.check_interval = Duration::from_secs(interval);
            reports.retain(|known| known.report.instance_id.as_str() != id);
            reports.push(Arc::new(made));
        }
        registry.look(1, &reports);
    }
    registry.told
}

/// What is told, and by when.
type Told = Vec<(&'static str, u64)>;

#[test]
fn who_checks_rarely_does_not_speak_for_a_target_that_others_have_seen_since() {
    use Broken::*;
    let members = |fast: &[(&'static str, &'static str)], slow: &[(&'static str, &'static str)]| -> Vec<Member> {
        let with = |of: &[(&'static str, &'static str)], interval| {
            of.iter().map(|&(id, location)| (id, location, interval)).collect::<Vec<_>>()
        };
        [with(fast, FAST), with(slow, SLOW)].concat()
    };
    let table: Vec<(&str, Vec<Member>, Vec<Broken>, Told)> = vec![
        (
            "a dead member, and few who check rarely",
            members(&[("a", "eu"), ("b", "us"), ("c", "as"), ("d", "af"), ("z", "eu")], &[("k", "eu"), ("l", "us")]),
            vec![Down("z")],
            vec![("opened target z unreachable", DIES + 7), ("closed target z unreachable", LIVES + 7)],
        ),
        (
            "a dead member, and most check rarely",
            members(
                &[("a", "eu"), ("b", "us"), ("z", "eu")],
                &[("k", "eu"), ("l", "us"), ("m", "as"), ("n", "af"), ("o", "sa")],
            ),
            vec![Down("z")],
            vec![("opened target z unreachable", DIES + 7), ("closed target z unreachable", LIVES + 3 * SLOW + 7)],
        ),
        (
            "a dead member that checks rarely itself",
            members(&[("a", "eu"), ("b", "us"), ("c", "as")], &[("k", "eu"), ("l", "us"), ("z", "af")]),
            vec![Down("z")],
            vec![("opened target z unreachable", DIES + 7), ("closed target z unreachable", LIVES + 3 * SLOW + 7)],
        ),
        (
            "the way of one to one, and others see the target well",
            members(&[("a", "eu"), ("b", "us"), ("c", "as"), ("z", "af")], &[("k", "eu"), ("l", "us"), ("m", "sa")]),
            vec![Way("a", "z")],
            vec![("opened pair a <> z unreachable", DIES + 7), ("closed pair a <> z unreachable", LIVES + 7)],
        ),
        (
            "the way of the only one that checks often",
            members(&[("a", "eu"), ("z", "af")], &[("k", "eu"), ("l", "us"), ("m", "sa")]),
            vec![Way("a", "z")],
            vec![("opened pair a <> z unreachable", DIES + 7), ("closed pair a <> z unreachable", LIVES + 7)],
        ),
        (
            "three locations that are gone at once",
            members(
                &[("a", "eu"), ("b", "us"), ("c", "as"), ("x", "af"), ("y", "sa"), ("z", "oc")],
                &[("k", "eu"), ("l", "us")],
            ),
            vec![Down("x"), Down("y"), Down("z")],
            vec![
                ("opened partition af, oc, sa <> as, eu, us unreachable", DIES + 9),
                ("closed partition af, oc, sa <> as, eu, us unreachable", LIVES + 7),
            ],
        ),
        (
            "one that reaches nobody",
            members(&[("a", "eu"), ("b", "us"), ("c", "as")], &[("k", "eu"), ("l", "us"), ("m", "sa")]),
            vec![From("a")],
            // Until all of these have reported, they may as well have died.
            vec![("opened source a unreachable", DIES + SLOW + 7), ("closed source a unreachable", LIVES + 7)],
        ),
    ];
    let mut wrong = Vec::new();
    for (case, members, broken, expected) in table {
        let told = told(&members, &broken, LIVES + 4 * SLOW);
        let same = told.len() == expected.len()
            && told.iter().zip(&expected).all(|((at, told), (expected, by))| told == expected && at <= by);
        if !same {
            wrong.push(format!("{case}:\n  told {told:?}\n  not  {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
