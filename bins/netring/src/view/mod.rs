//! What is known, as text. Pure: a matrix or a report and the width of the terminal come in, text with colours goes out.

mod faults;
mod grid;
pub(crate) mod json;
pub(crate) mod locations;
pub(crate) mod measure;
mod members;
mod pair;
#[cfg(test)]
mod sample;
mod summary;
pub(crate) mod text;
mod trouble;
mod verdict;

pub(crate) use faults::{faults, fingerprint_of as faults_fingerprint};
pub(crate) use trouble::bad_pairs;
pub(crate) use verdict::{exit_code, fingerprint, verdict};

use netring_core::analysis::Matrix;

/// More members than this, and who reaches whom is told by a line for each.
const MAX_GRID_MEMBERS: usize = 12;

/// Who reaches whom, and how each member stands: as a table while there are few members and `width` columns are enough
/// for it, otherwise with a line for each member.
pub(crate) fn ring(matrix: &Matrix, width: Option<usize>) -> String {
    let mut out = String::new();
    if matrix.members.is_empty() {
        return out;
    }
    match grid::grid(matrix).filter(|grid| width.is_none_or(|width| grid.width() <= width)) {
        Some(grid) => {
            grid.write(&mut out);
            out.push('\n');
            members::members(matrix, &mut out);
        }
        None => summary::summary(matrix, width, &mut out),
    }
    out
}
