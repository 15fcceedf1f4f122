//! A list that outlives the member.

use crate::{
    fakes::{FakeProber, Log, ME, Mood, Ring, Running, SECOND, builder, member, pass, run},
    logged::Logged,
};
use netring_core::{Clock, SystemClock, wire::ListSource};
use serde_json::{Value, json};
use std::{fs, path::Path, sync::Arc, time::Duration};
use tracing::Level;

struct Fixture {
    folder: tempfile::TempDir,
    prober: Arc<FakeProber>,
    ring: Arc<Ring>,
    log: Arc<Log>,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (prober, ring, log) = (FakeProber::new(SECOND / 10), Ring::of(&[ME, "b", "c"]), Arc::new(Log::default()));
        Self { folder, prober, ring, log }
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("members.json")
    }

    fn saved(&self) -> Value {
        serde_json::from_slice(&fs::read(self.file()).unwrap()).unwrap()
    }

    fn saved_ids(&self) -> Vec<String> {
        let saved = self.saved();
        saved["members"].as_array().unwrap().iter().map(|m| m["instance_id"].as_str().unwrap().to_owned()).collect()
    }

    fn save(&self, content: impl AsRef<[u8]>) {
        fs::write(self.file(), content).unwrap();
    }

    fn run(&self) -> Running {
        self.run_in(self.folder.path())
    }

    fn run_in(&self, folder: &Path) -> Running {
        run(builder(&self.ring, &self.prober, &self.log).state_dir(folder))
    }
}

async fn stop(running: Running) {
    running.shutdown.cancel();
    running.task.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_member_that_restarts_while_the_registry_is_away_probes_whom_it_knew() {
    let fixture = Fixture::new();
    let running = fixture.run();
    pass(20.0).await;
    stop(running).await;
    assert_eq!(fixture.saved_ids(), ["b", "c"], "itself left out");

    fixture.ring.set_mood(Mood::Away);
    let before = fixture.prober.times("b").len();
    let running = fixture.run();
    pass(10.0).await;
    assert!(fixture.prober.times("b").len() > before);
    let health = running.handle.health();
    assert_eq!((health.members_count, health.list.source), (2, ListSource::StateDir));
    assert_eq!(health.list.as_of.unwrap(), serde_json::from_value(fixture.saved()["as_of"].clone()).unwrap());

    fixture.ring.set_members(&[ME, "c", "d"]);
    fixture.ring.set_mood(Mood::Well);
    pass(30.0).await;
    let ids: Vec<_> = running.handle.members().iter().map(|m| m.instance_id.to_string()).collect();
    assert_eq!(ids, ["c", "d"], "the first list of the registry takes the place of the saved one");
    assert_eq!(running.handle.health().list.source, ListSource::Registry);
    assert_eq!(fixture.saved_ids(), ["c", "d"]);
    stop(running).await;
}

#[tokio::test(start_paused = true)]
async fn the_age_of_a_saved_list_is_told() {
    let fixture = Fixture::new();
    let as_of = SystemClock.now() - Duration::from_secs(3_600);
    fixture.save(json!({"version": 1, "as_of": as_of, "members": [member(ME), member("b"), member("b")]}).to_string());
    fixture.ring.set_mood(Mood::Away);
    let running = fixture.run();
    pass(10.0).await;
    let health = running.handle.health();
    assert_eq!(health.members_count, 1, "itself left out, and nobody twice");
    assert!((3_610.0..3_700.0).contains(&health.list.age_seconds.unwrap()), "{:?}", health.list);
    assert!(fixture.log.lines("members")[0].contains("3600s old"), "{:?}", fixture.log.lines("members"));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_older_than_the_saved_one_neither_replaces_it_nor_is_probed_by() {
    let fixture = Fixture::new();
    let as_of = SystemClock.now() - 20 * SECOND;
    fixture.save(json!({"version": 1, "as_of": as_of, "members": [member("b")]}).to_string());
    fixture.ring.set_members(&[ME, "ghost"]);
    *fixture.ring.age.lock().unwrap() = Duration::from_secs(7 * 86_400);
    let running = fixture.run();
    pass(100.0).await;
    let health = running.handle.health();
    assert_eq!((health.members_count, health.list.source), (1, ListSource::StateDir));
    assert!(fixture.prober.times("ghost").is_empty());
    assert_eq!(fixture.saved_ids(), ["b"]);
    *fixture.ring.age.lock().unwrap() = Duration::ZERO;
    pass(30.0).await;
    assert_eq!(fixture.saved_ids(), ["ghost"]);
    stop(running).await;
}

#[tokio::test(start_paused = true)]
async fn a_list_is_saved_when_it_changes_and_every_minute() {
    let fixture = Fixture::new();
    let running = fixture.run();
    pass(31.0).await;
    fixture.save("removed");
    for member in fixture.ring.members.lock().unwrap().iter_mut() {
        member.last_seen = SystemClock.now();
    }
    // The first was saved at 0 s: a poll at 60 s is the next to save, if nothing changes but when somebody was seen.
    pass(28.0).await;
    assert_eq!(fs::read(fixture.file()).unwrap(), b"removed");
    pass(32.0).await;
    assert_eq!(fixture.saved_ids(), ["b", "c"]);
    fixture.ring.set_members(&[ME, "b"]);
    pass(30.0).await;
    assert_eq!(fixture.saved_ids(), ["b"]);
    let files = fs::read_dir(fixture.folder.path()).unwrap().count();
    assert_eq!(files, 1, "nothing else is left in the folder");
    stop(running).await;
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_no_list_is_passed_over_and_kept_under_another_name() {
    let good = json!({"version": 1, "as_of": SystemClock.now(), "members": [member("x")]});
    let with = |field: &str, value: Value| {
        let mut bad = good.clone();
        bad[field] = value;
        bad.to_string().into_bytes()
    };
    let mut bad_member = serde_json::to_value(member("x")).unwrap();
    bad_member["address"] = json!("0.0.0.0:0");
    for content in [
        b"".to_vec(),
        b"\x00\xff".to_vec(),
        good.to_string().into_bytes()[..40].to_vec(),
        b"{}".to_vec(),
        b"[]".to_vec(),
        with("version", json!(2)),
        with("as_of", json!(-1)),
        with("members", json!(null)),
        with("members", json!([bad_member])),
    ] {
        let fixture = Fixture::new();
        let bad = fixture.folder.path().join("members.json.bad");
        fs::write(&bad, "an older one").unwrap();
        fixture.save(&content);
        fixture.ring.set_mood(Mood::Away);
        let running = fixture.run();
        pass(10.0).await;
        let told = String::from_utf8_lossy(&content).into_owned();
        assert_eq!(running.handle.health().members_count, 0, "{told}");
        fixture.ring.set_mood(Mood::Well);
        pass(30.0).await;
        assert_eq!(fixture.saved_ids(), ["b", "c"], "{told}");
        assert_eq!(fs::read(&bad).unwrap(), content, "it stays for whoever wants to look at it");
        stop(running).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_member_that_makes_no_sense_does_not_hide_the_others() {
    let fixture = Fixture::new();
    let mut bad = serde_json::to_value(member("x")).unwrap();
    bad["last_seen"] = json!(1e15);
    let members = json!([bad, member("b"), "c"]);
    fixture.save(json!({"version": 1, "as_of": SystemClock.now(), "members": members}).to_string());
    fixture.ring.set_mood(Mood::Away);
    let (logged, _guard) = Logged::listen();
    let running = fixture.run();
    pass(10.0).await;
    assert_eq!(running.handle.health().members_count, 1);
    assert_eq!(logged.lines(Level::WARN, "left_out=2").len(), 1, "{logged:?}");
    stop(running).await;
}

#[tokio::test(start_paused = true)]
async fn the_older_the_saved_list_the_louder_it_is_told_and_after_a_day_it_is_not_probed_by() {
    let minute = 60;
    let day = 24 * 60 * minute;
    for (age, known, level, told) in [
        (minute, 1, Level::INFO, "probing by the saved list until"),
        (6 * minute, 1, Level::WARN, "probing by the saved list, which is old"),
        (day - minute, 1, Level::WARN, "probing by the saved list, which is old"),
        (day + minute, 0, Level::WARN, "too old to be probed by"),
        (90 * day, 0, Level::WARN, "age=7776000s"),
    ] {
        let fixture = Fixture::new();
        let as_of = SystemClock.now() - Duration::from_secs(age);
        fixture.save(json!({"version": 1, "as_of": as_of, "members": [member("b")]}).to_string());
        fixture.ring.set_mood(Mood::Away);
        let (logged, _guard) = Logged::listen();
        let running = fixture.run();
        pass(30.0).await;
        assert_eq!(running.handle.health().members_count, known, "{age} s");
        assert_eq!(logged.lines(level, told).len(), 1, "{age} s: {logged:?}");
        // What was passed over is the better list for nobody.
        fixture.ring.set_mood(Mood::Well);
        pass(30.0).await;
        assert_eq!(fixture.saved_ids(), ["b", "c"]);
        stop(running).await;
    }
}

#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn whatever_has_the_name_of_the_temporary_file_is_not_written_through() {
    let victims = tempfile::tempdir().unwrap();
    let victim = victims.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    for left in ["link", "pipe", "file"] {
        let fixture = Fixture::new();
        let temporary = fixture.folder.path().join("members.json.new");
        match left {
            "link" => std::os::unix::fs::symlink(&victim, &temporary).unwrap(),
            "pipe" => assert!(std::process::Command::new("mkfifo").arg(&temporary).status().unwrap().success()),
            _ => fs::write(&temporary, "cut short by a cra").unwrap(),
        }
        let running = fixture.run();
        pass(10.0).await;
        assert_eq!(fixture.saved_ids(), ["b", "c"], "{left}");
        assert_eq!(fs::read_dir(fixture.folder.path()).unwrap().count(), 1, "{left}");
        stop(running).await;
    }
    assert_eq!(fs::read_to_string(victim).unwrap(), "precious");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_too_large_is_not_read() {
    let fixture = Fixture::new();
    fs::File::create(fixture.file()).unwrap().set_len(64 * 1024 * 1024 + 1).unwrap();
    fixture.ring.set_mood(Mood::Away);
    let running = fixture.run();
    pass(10.0).await;
    assert_eq!(running.handle.health().members_count, 0);
    stop(running).await;
}

#[tokio::test(start_paused = true)]
async fn a_list_of_too_many_is_cut() {
    let fixture = Fixture::new();
    let members: Vec<_> = (0..3_001).map(|i| member(&format!("m{i}"))).collect();
    fixture.save(json!({"version": 1, "as_of": SystemClock.now(), "members": members}).to_string());
    fixture.ring.set_mood(Mood::Away);
    let running = fixture.run();
    pass(1.0).await;
    assert_eq!(running.handle.health().members_count, 3_000);
    stop(running).await;
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_cannot_be_written_hurts_nobody_and_is_tried_again() {
    let fixture = Fixture::new();
    let folder = fixture.folder.path().join("in the way");
    fs::write(&folder, "a file").unwrap();
    let running = fixture.run_in(&folder);
    pass(100.0).await;
    assert_eq!(running.handle.health().members_count, 2);
    assert!(!fixture.prober.times("b").is_empty());
    fs::remove_file(&folder).unwrap();
    fs::create_dir(&folder).unwrap();
    pass(31.0).await;
    assert!(folder.join("members.json").is_file());
    stop(running).await;
}
