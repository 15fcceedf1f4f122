//! A table with a row for each thing that is measured, in the order in which they came, and a column for each ring.

use std::fmt;

pub(crate) struct Table {
    rings: Vec<usize>,
    rows: Vec<(String, Vec<Vec<f64>>)>,
}

impl Table {
    pub(crate) fn new(rings: &[usize]) -> Self {
        Self { rings: rings.to_vec(), rows: Vec::new() }
    }

    pub(crate) fn add(&mut self, name: &str, column: usize, value: f64) {
        let known = self.rows.iter().position(|(row, _)| row == name);
        let row = known.unwrap_or_else(|| {
            self.rows.push((name.to_owned(), vec![Vec::new(); self.rings.len()]));
            self.rows.len() - 1
        });
        self.rows[row].1[column].push(value);
    }
}

/// The median; the middle is one that was measured where their number is odd.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| members |")?;
        for ring in &self.rings {
            write!(f, " {ring} |")?;
        }
        writeln!(f, " the last ÷ the first |\n|---|{}--:|", "--:|".repeat(self.rings.len()))?;
        for (name, columns) in &self.rows {
            let medians: Vec<_> = columns.iter().map(|column| median(column.clone())).collect();
            write!(f, "| {name} |")?;
            for median in &medians {
                write!(f, " {} |", median.map_or_else(|| "–".to_owned(), significant))?;
            }
            match (medians.first().copied().flatten(), medians.last().copied().flatten()) {
                (Some(first), Some(last)) if first > 0.0 => writeln!(f, " {:.2} |", last / first)?,
                _ => writeln!(f, " – |")?,
            }
        }
        Ok(())
    }
}

/// With three digits at least, and none behind the point where there are as many before it.
fn significant(value: f64) -> String {
    let decimals = match value.abs() {
        0.0..1.0 => 3,
        1.0..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}
