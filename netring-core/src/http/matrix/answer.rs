use super::{
    super::{bodies::Parts, json::Failure, turns::Turns},
    question::{By, Question},
};
use crate::{
    analysis::{Tally, pair_state, roll_up, with_pairs},
    parallel,
    registry::{Known, RegistryError, blocking, check_locations, check_size},
    store::StoreError,
    wire::gzip::gzip_parts,
};
use axum::body::Bytes;
use tokio::sync::OnceCell;

/// So many pairs are written at a time.
const PAIRS_OF_A_PART: usize = 4_096;

/// An answer as it is sent.
#[derive(Debug)]
pub(super) struct Answer {
    plain: Parts,
    /// The same by gzip, once somebody has asked for that.
    gzip: OnceCell<Parts>,
}

impl Answer {
    /// The answer to `question`, by what is `known`. It blocks.
    pub(super) fn new(known: &Known, question: &Question) -> Result<Self, RegistryError> {
        let parts = match question.by {
            By::Member => Parts::new(matrix(known, question)?),
            By::Location => {
                let grid = known.grid(&question.filter);
                check_locations(&grid)?;
                Parts::of(serde_json::to_vec(&roll_up(&grid)).map_err(unwritten)?)
            }
        };
        Ok(Self { plain: parts, gzip: OnceCell::new() })
    }

    pub(super) fn plain(&self) -> Parts {
        self.plain.clone()
    }

    pub(super) async fn gzip(&self, turns: &Turns) -> Result<Parts, Failure> {
        let compress = || {
            let plain = self.plain();
            turns.run(blocking("compress the matrix", move || {
                Ok(Parts::new(gzip_parts(plain.as_slice()).map_err(unwritten)?.into_iter().map(Bytes::from)))
            }))
        };
        self.gzip.get_or_try_init(compress).await.cloned()
    }

    /// Whether somebody has asked for it by gzip.
    pub(super) fn has_gzip(&self) -> bool {
        self.gzip.initialized()
    }
}

/// The pairs are the last field of a matrix, so that it can be written without them, and they on their own: by several cores,
/// and without having all of them in memory as anything but text.
fn matrix(known: &Known, question: &Question) -> Result<Vec<Bytes>, RegistryError> {
    let grid = known.grid(&question.filter);
    check_size(&grid, &question.filter)?;
    let rows = (PAIRS_OF_A_PART / grid.targets().len().max(1)).max(1);
    let chunks: Vec<&[u32]> = grid.sources().chunks(rows).collect();
    let written = parallel::map(&chunks, |sources| {
        let (mut out, mut tally, mut row, mut failed) = (Vec::new(), Tally::default(), Vec::new(), None);
        for &source in *sources {
            grid.row(source, &mut row, &mut tally, |pair| {
                out.push(b',');
                if let Err(error) = serde_json::to_writer(&mut out, &pair_state(pair, &*known.last_hour)) {
                    failed = Some(error);
                }
            });
        }
        match failed {
            None => Ok((Bytes::from(out), tally)),
            Some(error) => Err(unwritten(error)),
        }
    });
    let (mut parts, mut tally) = (vec![Bytes::new()], Tally::default());
    for part in written {
        let (part, of_part) = part?;
        tally = tally.and(of_part);
        if !part.is_empty() {
            // Before the first pair there is no comma.
            parts.push(if parts.len() == 1 { part.slice(1..) } else { part });
        }
    }
    let mut head = serde_json::to_vec(&with_pairs(&grid, tally, Vec::new())).map_err(unwritten)?;
    let Some(tail) = head.len().checked_sub(2).filter(|_| head.ends_with(b"[]}")).map(|end| head.split_off(end)) else {
        return Err(unwritten("the pairs are not its last field"));
    };
    if let Some(first) = parts.first_mut() {
        *first = head.into();
    }
    parts.push(tail.into());
    Ok(parts)
}

fn unwritten(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> RegistryError {
    RegistryError::Store(StoreError::Unavailable { operation: "write the matrix", source: error.into() })
}
