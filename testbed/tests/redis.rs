//! The testbed's own Redis: what the tests of a store on Redis stand on.

use netring_testbed::{RedisCluster, RedisOptions, RedisServer, ReplicatedRedis, RespConnection, RespValue};
use nix::{errno::Errno, sys::signal::kill, unistd::Pid};
use std::{
    io::ErrorKind,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

fn text(text: &str) -> RespValue {
    RespValue::Text(text.to_owned())
}

fn is_gone(pid: Pid) -> bool {
    kill(pid, None) == Err(Errno::ESRCH)
}

#[test]
fn a_persistent_server_keeps_its_data_over_a_kill() {
    let mut server = RedisServer::start(&RedisOptions::new().persistent());
    let (address, pid) = (server.address(), server.pid().unwrap());
    server.command(&["SET", "key", "value"]).unwrap();
    server.kill();
    assert!(is_gone(pid) && !server.is_up());
    assert_eq!(server.command(&["PING"]).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    server.restart();
    assert_eq!(server.address(), address);
    assert_eq!(server.command(&["GET", "key"]).unwrap(), text("value"));
    server.restart_empty();
    assert_eq!(server.command(&["GET", "key"]).unwrap(), RespValue::Nil);
}

#[test]
fn a_server_without_persistence_forgets() {
    let mut server = RedisServer::start(&RedisOptions::new());
    server.command(&["SET", "key", "value"]).unwrap();
    server.restart();
    assert_eq!(server.command(&["GET", "key"]).unwrap(), RespValue::Nil);
}

#[test]
fn two_servers_at_once_are_two() {
    let servers = [RedisServer::start(&RedisOptions::new()), RedisServer::start(&RedisOptions::new())];
    servers[0].command(&["SET", "key", "value"]).unwrap();
    assert_ne!(servers[0].address(), servers[1].address());
    assert_eq!(servers[1].command(&["GET", "key"]).unwrap(), RespValue::Nil);
}

#[test]
fn a_server_takes_a_password_and_settings() {
    let server = RedisServer::start(&RedisOptions::new().password("secret").set("maxmemory", "2mb"));
    assert_eq!(server.url(), format!("redis://:secret@127.0.0.1:{}", server.port()));
    assert_eq!(server.info("maxmemory").unwrap(), "2097152");
    assert!(server.info("used_memory").unwrap().parse::<u64>().unwrap() > 0);
    let mut stranger = RespConnection::open(server.address(), Duration::from_secs(5)).unwrap();
    let error = stranger.command(&["PING"]).unwrap_err();
    assert!(error.to_string().starts_with("NOAUTH"), "{error}");
}

#[test]
fn every_kind_of_answer_is_read() {
    let server = RedisServer::start(&RedisOptions::new());
    let mut connection = server.connect(Duration::from_secs(5)).unwrap();
    assert_eq!(connection.command(&["SET", "key", "two\r\nlines"]).unwrap(), text("OK"));
    assert_eq!(connection.command(&["APPEND", "key", ""]).unwrap(), RespValue::Integer(10));
    let found = connection.command(&["MGET", "key", "none"]).unwrap();
    assert_eq!(found.elements(), [text("two\r\nlines"), RespValue::Nil]);
    assert_eq!(connection.command(&["BLPOP", "none", "0.01"]).unwrap(), RespValue::Nil);
    let script = "return {1, {err = 'ERR within'}}";
    let list = connection.command(&["EVAL", script, "0"]).unwrap();
    assert_eq!(list.elements(), [RespValue::Integer(1), RespValue::Error("ERR within".to_owned())]);
    let error = connection.command(&["INCR", "key"]).unwrap_err();
    assert!(error.kind() == ErrorKind::Other && error.to_string().starts_with("ERR value is not"), "{error}");
}

#[test]
fn a_stopped_server_takes_a_connection_and_does_not_answer() {
    let mut server = RedisServer::start(&RedisOptions::new());
    let mut connection = server.connect(Duration::from_millis(200)).unwrap();
    server.stop();
    server.stop();
    assert_eq!(connection.command(&["PING"]).unwrap_err().kind(), ErrorKind::TimedOut);
    let mut later = server.connect(Duration::from_secs(10)).unwrap();
    server.cont();
    assert_eq!(later.command(&["PING"]).unwrap(), text("PONG"));
    server.stop();
    server.restart();
    assert_eq!(server.command(&["PING"]).unwrap(), text("PONG"));
}

#[test]
fn a_server_is_gone_after_its_owner() {
    let server = RedisServer::start(&RedisOptions::new());
    let pid = server.pid().unwrap();
    drop(server);
    assert!(is_gone(pid));

    let (sender, receiver) = mpsc::channel();
    let panics = thread::spawn(move || {
        let mut server = RedisServer::start(&RedisOptions::new());
        server.stop();
        sender.send(server.pid().unwrap()).unwrap();
        panic!("this is what the test is about");
    });
    assert!(panics.join().is_err());
    assert!(is_gone(receiver.recv().unwrap()));
}

#[test]
fn a_server_that_cannot_start_tells_why() {
    let panics = thread::spawn(|| RedisServer::start(&RedisOptions::new().set("maxmemory", "much")));
    let message = panics.join().unwrap_err();
    let message = message.downcast_ref::<String>().unwrap();
    assert!(message.contains("argument must be a memory value"), "{message}");
}

#[test]
fn sentinels_promote_a_replica_for_a_dead_primary() {
    let mut redis = ReplicatedRedis::start(1, &RedisOptions::new().password("secret"));
    assert!(redis.url().starts_with("redis+sentinel://:secret@127.0.0.1:") && redis.url().ends_with("/netring"));
    let former = redis.primary().address();
    let killed = Instant::now();
    redis.primary().command(&["SET", "key", "value"]).unwrap();
    assert_eq!(redis.primary().command(&["WAIT", "1", "5000"]).unwrap(), RespValue::Integer(1));
    redis.primary_mut().kill();
    let promoted = redis.wait_for_promotion(former);
    assert!(promoted - killed < Duration::from_secs(60), "{:?}", promoted - killed);
    assert_ne!(redis.primary().address(), former);
    assert_eq!(redis.replicas()[0].address(), former);
    assert_eq!(redis.primary().command(&["GET", "key"]).unwrap(), text("value"));
}

#[test]
fn sentinels_promote_one_of_two_replicas_for_a_primary_that_hangs() {
    let mut redis = ReplicatedRedis::start(2, &RedisOptions::new());
    let former = redis.primary().address();
    redis.primary_mut().stop();
    let _ = redis.wait_for_promotion(former);
    redis.server_mut(former).cont();
    assert_eq!(redis.replicas().len(), 2);
    assert_eq!(redis.primary().info("role").unwrap(), "master");
}

#[test]
fn a_cluster_has_an_owner_for_every_key_and_loses_its_slots_with_it() {
    let mut cluster = RedisCluster::start(0, &RedisOptions::new().password("secret"));
    assert!(cluster.url().starts_with("redis+cluster://:secret@127.0.0.1:"), "{}", cluster.url());
    assert_eq!(cluster.nodes().len(), 3);
    // Two tags whose slots are far apart: 12182 and 5061.
    let (foo, bar) = (cluster.owner("foo"), cluster.owner("bar"));
    assert_ne!(foo, bar);
    assert_eq!(cluster.node_mut(foo).command(&["SET", "foo", "1"]).unwrap(), text("OK"));
    let moved = cluster.node_mut(bar).command(&["SET", "foo", "1"]).unwrap_err().to_string();
    assert_eq!(moved, format!("MOVED 12182 {foo}"));

    cluster.node_mut(foo).kill();
    assert_eq!(cluster.node_mut(bar).command(&["SET", "bar", "1"]).unwrap(), text("OK"), "the others serve on");
    cluster.node_mut(foo).restart_empty();
    cluster.wait_until_whole();
    assert_eq!(cluster.owner("foo"), foo);
    assert_eq!(cluster.node_mut(foo).command(&["GET", "foo"]).unwrap(), RespValue::Nil);
}

#[test]
fn a_cluster_promotes_the_replica_of_a_dead_primary() {
    let mut cluster = RedisCluster::start(1, &RedisOptions::new());
    assert_eq!(cluster.nodes().len(), 6);
    let former = cluster.owner("foo");
    let killed = Instant::now();
    cluster.node_mut(former).kill();
    let promoted = cluster.wait_for_promotion(former);
    assert!(promoted - killed < Duration::from_secs(60), "{:?}", promoted - killed);
    let owner = cluster.owner("foo");
    assert_ne!(owner, former);
    cluster.node_mut(owner).command(&["SET", "foo", "1"]).unwrap();
    cluster.node_mut(former).restart();
    cluster.wait_until_whole();
}
