//! `netring status`: how a ring is, in the terminal or as JSON, and in the exit code.

use crate::{
    args::StatusArgs,
    fail,
    registry::{Answer, NoAnswer, Ring, ask},
    terminal::Screen,
    view,
};
use netring_core::RegistryClient;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, ErrorKind},
    process::ExitCode,
    time::{Duration, SystemTime},
};
use tokio_util::sync::CancellationToken;

/// There is nothing to say of the ring.
const EXIT_NO_ANSWER: u8 = 4;

pub(crate) async fn run(args: StatusArgs, shutdown: CancellationToken) -> ExitCode {
    let client = match RegistryClient::new(&args.registry) {
        Ok(client) => client,
        Err(error) => return fail(crate::EXIT_USAGE, &error.to_string()),
    };
    let mut screen = Screen::stdout();
    let mut code = EXIT_NO_ANSWER;
    let shown = match args.watch {
        None => tokio::select! {
            answer = ask(&client) => once(answer, &args, &mut screen, &mut code),
            () = shutdown.cancelled() => Ok(()),
        },
        Some(every) => {
            let watching = watch(&client, every, &args, &mut screen, &mut code);
            tokio::select! {
                shown = watching => shown,
                () = shutdown.cancelled() => Ok(()),
            }
        }
    };
    match shown {
        // Whoever read it has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::from(code),
        Err(error) => fail(EXIT_NO_ANSWER, &format!("cannot write to stdout: {error}")),
        Ok(()) => ExitCode::from(code),
    }
}

fn once(answer: Result<Answer, NoAnswer>, args: &StatusArgs, screen: &mut Screen, code: &mut u8) -> io::Result<()> {
    match answer {
        Ok(answer) => {
            *code = view::exit_code(answer.ring.state());
            if args.json {
                screen.print(&format!("{}\n", view::json::printable_json(answer.json.get())))
            } else {
                screen.print(&format!("{} (exit code {code})\n", text(&answer, screen.width())))
            }
        }
        Err(error) => {
            fail(EXIT_NO_ANSWER, &error.to_string());
            Ok(())
        }
    }
}

async fn watch(
    client: &RegistryClient,
    every: Duration,
    args: &StatusArgs,
    screen: &mut Screen,
    code: &mut u8,
) -> io::Result<()> {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match ask(client).await {
            Ok(answer) => {
                *code = view::exit_code(answer.ring.state());
                if args.json {
                    screen.print(&format!(
                        "{}\n",
                        view::json::printable_json(answer.json.get()).replace(['\n', '\r'], "")
                    ))?;
                } else {
                    let text = format!("{}\n", text(&answer, screen.width()));
                    screen.draw(&text, fingerprint(&answer.ring) ^ view::faults_fingerprint(answer.faults.as_ref()))?;
                }
            }
            Err(error) => {
                *code = EXIT_NO_ANSWER;
                let error = view::text::printable(&error.to_string());
                if args.json {
                    fail(EXIT_NO_ANSWER, &error);
                } else {
                    let mut hasher = DefaultHasher::new();
                    error.hash(&mut hasher);
                    screen.draw(&format!("{error}\n\nAsking again every {every:?}.\n"), hasher.finish())?;
                }
            }
        }
    }
}

/// All of it, without a line break at its end.
fn text(answer: &Answer, width: Option<usize>) -> String {
    let (at, parts, verdict) = match &answer.ring {
        Ring::Members(matrix) => {
            (matrix.at, vec![view::ring(matrix, width), view::bad_pairs(matrix)], view::verdict(matrix))
        }
        Ring::Locations(rollup) => (rollup.at, vec![view::locations::table(rollup)], view::locations::verdict(rollup)),
    };
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(at.as_unix_seconds());
    let heading = format!("{} at {}", answer.registry, humantime::format_rfc3339_seconds(at));
    let mut out = format!("{}\n\n", view::text::paint(view::text::FAINT, &heading));
    let faults = answer.faults.as_ref().map(view::faults).unwrap_or_default();
    for part in parts.iter().chain([&faults]).filter(|part| !part.is_empty()) {
        out += part;
        out.push('\n');
    }
    out + &verdict
}

fn fingerprint(ring: &Ring) -> u64 {
    match ring {
        Ring::Members(matrix) => view::fingerprint(matrix),
        Ring::Locations(rollup) => view::locations::fingerprint(rollup),
    }
}
