//! `netring demo`: a ring on one machine, with a member that comes and goes, one that flaps, and a location that is far away.

mod places;
mod ports;
mod relay;
mod ring;
mod script;

use crate::{
    EXIT_USAGE,
    args::DemoArgs,
    fail,
    registry::{Answer, Ring, ask},
    terminal::Screen,
    view::{
        self,
        text::{FAINT, STRONG, paint},
    },
};
use netring_core::RegistryClient;
use places::{COMES_AND_GOES, FAR, FAR_LINE, FLAPS, PLACES, WORSE_LINE};
use ports::Port;
use relay::Relay;
use ring::{Member, Registry};
use script::{Act, Script};
use std::{
    error::Error,
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, ErrorKind},
    process::ExitCode,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    time::{Instant, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;

/// The table is drawn again this often.
const REDRAW: Duration = Duration::from_secs(1);
/// All members together have this long to say goodbye.
const GOODBYE_TIMEOUT: Duration = Duration::from_millis(1_800);

pub(crate) async fn run(args: DemoArgs, shutdown: CancellationToken) -> ExitCode {
    let sockets = match Sockets::take(&args) {
        Ok(sockets) => sockets,
        Err(why) => return fail(EXIT_USAGE, &why),
    };
    let mut demo = match Demo::start(sockets, args.interval) {
        Ok(demo) => demo,
        Err(error) => return fail(EXIT_USAGE, &format!("cannot start the demonstration: {error}")),
    };
    let over = async {
        match args.run_for {
            Some(duration) => tokio::time::sleep(duration).await,
            None => std::future::pending().await,
        }
    };
    let mut screen = Screen::stdout();
    let shown = tokio::select! {
        shown = demo.show(&mut screen) => shown,
        () = shutdown.cancelled() => Ok(()),
        () = over => Ok(()),
    };
    demo.stop().await;
    match shown.and_then(|()| screen.end("The demonstration is over; every member has left.\n")) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read it has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => fail(EXIT_USAGE, &format!("cannot write to stdout: {error}")),
    }
}

/// Every port that the demonstration is known by.
struct Sockets {
    registry: TcpListener,
    members: Vec<(Port, TcpListener)>,
}

impl Sockets {
    /// Takes all of them, or says which one cannot be had.
    fn take(args: &DemoArgs) -> Result<Self, String> {
        let registry = take("registry", args.registry_port, "--registry-port")?;
        let mut members = Vec::with_capacity(PLACES.len());
        for (offset, place) in (0u16..).zip(PLACES) {
            let id = place.id;
            let port = match args.member_port {
                0 => 0,
                first => first.checked_add(offset).ok_or_else(|| {
                    format!("--member-port {first} leaves no room for {} ports up to 65535", PLACES.len())
                })?,
            };
            if port != 0 && port == args.registry_port {
                return Err(format!(
                    "port {port} is for the registry (--registry-port) and for the member {id} (--member-port, and the \
                     six ports after it)\nChoose another one for one of them."
                ));
            }
            members.push(take(&format!("member {id}"), port, "--member-port")?);
        }
        Ok(Self { registry: registry.1, members })
    }
}

fn take(who: &str, port: u16, flag: &str) -> Result<(Port, TcpListener), String> {
    Port::take(port).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => format!(
            "port {port} is taken: the {who} cannot listen at 127.0.0.1:{port}\n\
             Choose another one with {flag} PORT, or any that is free with {flag} 0."
        ),
        _ => format!(
            "the {who} cannot listen at 127.0.0.1:{port}: {error}\n\
             Choose another port with {flag} PORT, or any that is free with {flag} 0."
        ),
    })
}

struct Demo {
    registry: Registry,
    members: Vec<Member>,
    client: RegistryClient,
    interval: Duration,
}

impl Demo {
    fn start(sockets: Sockets, interval: Duration) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let registry = Registry::start(sockets.registry, interval)?;
        let client = RegistryClient::new(&registry.url())?;
        let mut members = Vec::with_capacity(PLACES.len());
        for (seed, (place, (port, listener))) in (1..).zip(PLACES.into_iter().zip(sockets.members)) {
            let (port, listener, relay) = match place.line {
                None => (port, listener, None),
                Some(line) => {
                    let (own, at_own) = Port::take(0)?;
                    let relay = Relay::start(port, listener, own.address(), line, seed);
                    (own, at_own, Some(relay))
                }
            };
            let mut member = Member::new(place.id, place.location, port, relay);
            member.start(listener, &registry.url(), interval)?;
            members.push(member);
        }
        Ok(Self { registry, members, client, interval })
    }

    /// Shows the ring, and lets the script happen, until it is dropped or nobody reads any more.
    async fn show(&mut self, screen: &mut Screen) -> io::Result<()> {
        screen.print(&self.where_to_look())?;
        let mut script = Script::new(self.interval);
        let begin = Instant::now();
        let mut ticks = tokio::time::interval(REDRAW.min(self.interval));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut trouble = None;
        loop {
            let (after, act) = script.next();
            let next = begin + after;
            tokio::select! {
                _ = ticks.tick() => {}
                () = tokio::time::sleep_until(next) => {
                    trouble = self.perform(act).await;
                    script.advance();
                    // The table is as it was; it shows what came of this from the next second on.
                    continue;
                }
            }
            let (ring, mut changed) = match ask(&self.client).await {
                Ok(Answer { ring: Ring::Members(matrix), faults, .. }) => {
                    let ring = view::ring(&matrix, screen.width());
                    let at_fault = faults.as_ref().map(view::faults).filter(|text| !text.is_empty());
                    let at_fault = at_fault.map(|text| text + "\n").unwrap_or_default();
                    let text = format!("{ring}\n{at_fault}{}\n", view::verdict(&matrix));
                    (text, view::fingerprint(&matrix) ^ view::faults_fingerprint(faults.as_ref()))
                }
                // There are but a few members.
                Ok(answer) => (format!("{:?}\n", answer.ring.state()), 0),
                Err(error) => (format!("{error}\n"), 0),
            };
            let happening = match &trouble {
                Some(trouble) => format!("{trouble}\n"),
                None => script.words(next - Instant::now()),
            };
            changed ^= hash(&(script.over(), &trouble));
            screen.draw(&format!("{ring}\n{happening}"), changed)?;
        }
    }

    /// Does what the script says. Gives what went wrong.
    async fn perform(&mut self, act: Act) -> Option<String> {
        let (registry_url, interval) = (self.registry.url(), self.interval);
        let concerned = |member: &&mut Member| match act {
            Act::Refuse | Act::Accept => member.id == FLAPS,
            Act::Worsen | Act::Recover => member.location == FAR,
            Act::Crash | Act::Leave | Act::Return => member.id == COMES_AND_GOES,
        };
        for member in self.members.iter_mut().filter(concerned) {
            let done = match (act, member.relay()) {
                (Act::Crash, _) => {
                    member.crash().await;
                    Ok(())
                }
                (Act::Leave, _) => {
                    member.leave().await;
                    Ok(())
                }
                (Act::Return, _) => member.come_back(&registry_url, interval),
                (Act::Refuse, Some(relay)) => {
                    relay.refuse().await;
                    Ok(())
                }
                (Act::Accept, Some(relay)) => relay.open().map_err(Into::into),
                (Act::Worsen, Some(relay)) => {
                    relay.set(WORSE_LINE);
                    Ok(())
                }
                (Act::Recover, Some(relay)) => {
                    relay.set(FAR_LINE);
                    Ok(())
                }
                (Act::Refuse | Act::Accept | Act::Worsen | Act::Recover, None) => Ok(()),
            };
            if let Err(error) = done {
                return Some(format!("{} cannot come back: {error}", member.id));
            }
        }
        None
    }

    fn where_to_look(&self) -> String {
        let registry = self.registry.url();
        let mut out = format!(
            "{}\n{FAR} is far away, {FLAPS} flaps, and {COMES_AND_GOES} comes and goes.\n\n{}\n  \
             the page   {registry}/\n  \
             registry   {registry}/members   {registry}/health\n             \
             {registry}/api/v1/matrix   {registry}/api/v1/faults\n",
            paint(STRONG, "A registry and seven members in four locations, on this machine. Ctrl-C ends it."),
            paint(FAINT, "Where to look"),
        );
        for member in &self.members {
            let url = member.url();
            out += &format!("  {:<8}   {url}/metrics   {url}/health\n", member.id);
        }
        out + "\n"
    }

    async fn stop(self) {
        let goodbyes: Vec<_> =
            self.members.into_iter().map(|mut member| tokio::spawn(async move { member.leave().await })).collect();
        let all = async {
            for goodbye in goodbyes {
                // It ends by itself, in time.
                let _ = goodbye.await;
            }
        };
        // The process ends next, and with it whoever has not said goodbye by then.
        let _ = tokio::time::timeout(GOODBYE_TIMEOUT, all).await;
        self.registry.stop().await;
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
