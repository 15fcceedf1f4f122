use super::{
    pair,
    text::{BAD, Cell, Columns, FAINT, GOOD, STRONG, WARN, shorten},
};
use netring_core::{
    MemberStatus,
    analysis::{Matrix, MemberState},
};

/// A UUID is not cut.
pub(super) const ID_WIDTH: usize = 40;
pub(super) const LOCATION_WIDTH: usize = 24;
/// Of those that said goodbye, not more are listed: where members come and go there may be hundreds.
const MAX_DEREGISTERED: usize = 5;

/// A line for each member: who and where it is, and how it stands.
pub(super) fn members(matrix: &Matrix, out: &mut String) {
    let mut list = Columns::default();
    list.heading(&["member", "location", "address", "status", "last seen"]);
    let mut left_out = 0;
    for member in some_deregistered(matrix, &mut left_out) {
        list.line(vec![
            Cell::new(STRONG, shorten(member.instance_id.as_str(), ID_WIDTH)),
            Cell::plain(shorten(member.location.as_str(), LOCATION_WIDTH)),
            Cell::plain(member.address.to_string()),
            status(member.status),
            last_seen(matrix, member),
        ]);
    }
    list.write(out);
    note_left_out(left_out, out);
}

/// Every member, but only the first few of those that said goodbye.
pub(super) fn some_deregistered<'a>(
    matrix: &'a Matrix,
    left_out: &'a mut usize,
) -> impl Iterator<Item = &'a MemberState> {
    let mut deregistered = 0;
    matrix.members.iter().filter(move |member| {
        deregistered += usize::from(member.status == MemberStatus::Deregistered);
        let listed = member.status != MemberStatus::Deregistered || deregistered <= MAX_DEREGISTERED;
        *left_out += usize::from(!listed);
        listed
    })
}

pub(super) fn note_left_out(left_out: usize, out: &mut String) {
    if left_out > 0 {
        *out += &format!("  and {left_out} more that said goodbye\n");
    }
}

/// What needs a look is written large, for those who see no colours.
pub(super) fn status(status: MemberStatus) -> Cell {
    match status {
        MemberStatus::Online => Cell::new(GOOD, "online"),
        MemberStatus::Stale => Cell::new(WARN, "STALE"),
        MemberStatus::Offline => Cell::new(BAD, "OFFLINE"),
        MemberStatus::Deregistered => Cell::new(FAINT, "deregistered"),
    }
}

pub(super) fn last_seen(matrix: &Matrix, member: &MemberState) -> Cell {
    Cell::plain(format!("{} ago", pair::seconds(matrix.at.since(member.last_seen))))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{matrix, member, plain};
    use super::*;
    use netring_core::analysis::RingState;

    #[test]
    fn goodbyes_of_the_last_hour_do_not_fill_the_screen() {
        let mut all = vec![member("here", "x", MemberStatus::Stale)];
        all.extend((0..50).map(|i| member(&format!("pod-{i}"), "x", MemberStatus::Deregistered)));
        let mut out = String::new();
        members(&matrix(RingState::Unhealthy, all, vec![]), &mut out);
        let text = plain(&out);
        assert!(text.contains("here     x          10.0.0.1:8757   STALE"), "\n{text}");
        assert_eq!(text.matches("pod-").count(), 5);
        assert!(text.ends_with("  and 45 more that said goodbye\n"), "\n{text}");
    }
}
